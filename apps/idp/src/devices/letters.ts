import type { EntityManager } from '@mikro-orm/postgresql';
import { Account } from '#accounts/entity.ts';
import { wordsIn } from '#i18n/messages.ts';
import type { Composed, Composers, Letter } from '#mail/post.ts';
import { issueToken } from '#single-use/service.ts';
import { KnownDevice } from './entity.ts';
import { deviceName } from './names.ts';

const lifeSeconds = 7 * 24 * 3600;

export function deviceLetters({ issuer }: { issuer: string }) {
  return { new_sign_in: composeNewSignIn } satisfies Composers;

  /** Nothing to say of a browser that was disowned meanwhile. */
  async function composeNewSignIn(
    em: EntityManager,
    { accountId, locale, data }: Letter,
  ): Promise<Composed | undefined> {
    const { device: id, client, address, at } = data ?? {};
    if (accountId === undefined || typeof id !== 'string' || typeof at !== 'string') return undefined;
    const device = await em.findOne(KnownDevice, { id, account: accountId });
    const account = device && (await em.findOne(Account, { id: accountId }));
    if (!account) return undefined;
    // The account's own language first: the page's was chosen by whoever signed in.
    const { t, locale: spoken } = wordsIn(account.locale ?? locale ?? 'en');
    const token = await issueToken(em, { purpose: 'not_me', accountId, data: { device: id, since: at }, lifeSeconds });
    const time = new Date(at).toLocaleString(spoken, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
    return {
      to: account.email,
      locale: spoken,
      subject: t('devices.new_sign_in_subject'),
      heading: t('devices.new_sign_in_subject'),
      paragraphs: [t('devices.new_sign_in_text'), t('devices.new_sign_in_was_me'), t('devices.new_sign_in_was_not_me')],
      facts: [
        { label: t('devices.fact_device'), value: deviceName(device.userAgent, { t }) },
        { label: t('devices.fact_application'), value: String(client) },
        { label: t('devices.fact_time'), value: `${time} UTC` },
        { label: t('devices.fact_address'), value: String(address) },
      ],
      action: { label: t('devices.not_me_action'), url: `${issuer}/not-me?token=${token}` },
      closing: [t('devices.not_me_valid')],
    };
  }
}
