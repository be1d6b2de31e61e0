import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Account } from '#accounts/entity.ts';
import { happenedSince } from '#audit/service.ts';
import { wordsIn } from '#i18n/messages.ts';
import type { Composed, Composers, Letter } from '#mail/post.ts';
import type { Places } from '#places/service.ts';
import { issueToken } from '#single-use/service.ts';
import { KnownDevice } from './entity.ts';
import { deviceName } from './names.ts';

const lifeSeconds = 7 * 24 * 3600;

export function deviceLetters({ issuer, places }: { issuer: string; places: Pick<Places, 'originOf'> }) {
  return { new_sign_in: composeNewSignIn } satisfies Composers;

  /**
   * Nothing to say of a browser that was disowned meanwhile; nor to an address that came after the sign-in: whoever had
   * the earlier one is told of that by a letter of its own.
   */
  async function composeNewSignIn(
    em: EntityManager,
    { accountId, locale, data }: Letter,
  ): Promise<Composed | undefined> {
    const { device: id, client, at } = data ?? {};
    if (accountId === undefined || typeof id !== 'string' || typeof at !== 'string') return undefined;
    const device = await em.findOne(KnownDevice, { id, account: accountId });
    const account = device && (await em.findOne(Account, { id: accountId }, { lockMode: LockMode.PESSIMISTIC_READ }));
    const moved = { accountId, since: new Date(at), actions: ['account.email_changed'] };
    if (!account || (await happenedSince(em, moved))) return undefined;
    // The account's own language first: the page's was chosen by whoever signed in.
    const { t, locale: spoken } = wordsIn(account.locale ?? locale ?? 'en');
    const token = await issueToken(em, { purpose: 'not_me', accountId, data: { device: id, since: at }, lifeSeconds });
    const time = new Date(at).toLocaleString(spoken, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
    const { address, place } = places.originOf(String(data?.['address']), spoken);
    const what = newsOf(data ?? {});
    return {
      to: account.email,
      locale: spoken,
      subject: t(`devices.${what}_subject`),
      heading: t(`devices.${what}_subject`),
      paragraphs: [t(`devices.${what}_text`), t('devices.new_sign_in_was_me'), t('devices.new_sign_in_was_not_me')],
      facts: [
        { label: t('devices.fact_device'), value: deviceName(device.userAgent, { t }) },
        { label: t('devices.fact_application'), value: String(client) },
        { label: t('devices.fact_time'), value: `${time} UTC` },
        ...(place === null ? [] : [{ label: t('devices.fact_place'), value: place }]),
        { label: t('devices.fact_address'), value: String(address) },
      ],
      action: { label: t('devices.not_me_action'), url: `${issuer}/not-me?token=${token}` },
      closing: [t('devices.not_me_valid')],
    };
  }
}

/** By which words the letter begins. */
function newsOf({ newDevice, newPlace }: NonNullable<Letter['data']>) {
  if (newPlace !== true) return 'new_sign_in';
  return newDevice === true ? 'new_sign_in_and_place' : 'new_place';
}
