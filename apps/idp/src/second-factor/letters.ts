import type { EntityManager } from '@mikro-orm/postgresql';
import { Account } from '#accounts/entity.ts';
import { type IdpWords, wordsIn } from '#i18n/messages.ts';
import type { Composed, Composers, Letter } from '#mail/post.ts';
import type { FactorChange } from './changes.ts';
import type { EmailCodes } from './email-codes.ts';

/** What the job of a letter may say was changed; anything else is not from us. */
const changes: Record<FactorChange, true> = {
  totp_added: true,
  totp_removed: true,
  recovery_codes_made: true,
  passkey_added: true,
  passkey_removed: true,
  factors_reset: true,
};

export function secondFactorLetters({ issuer, emailCodes }: { issuer: string; emailCodes: Pick<EmailCodes, 'issue'> }) {
  return { email_code: composeCode, factor_changed: composeChange } satisfies Composers;

  async function composeCode(em: EntityManager, letter: Letter): Promise<Composed | undefined> {
    const addressee = await addresseeOf(em, letter);
    const flow = letter.data?.['flow'];
    if (!addressee || typeof flow !== 'string') return undefined;
    const { t, frame } = addressee;
    return {
      ...frame,
      subject: t('second_factor.letter_code_heading'),
      heading: t('second_factor.letter_code_heading'),
      paragraphs: [t('second_factor.letter_code_text')],
      code: await emailCodes.issue(em, { accountId: addressee.accountId, flow }),
      closing: [t('second_factor.letter_code_valid'), t('second_factor.letter_code_not_you')],
    };
  }

  async function composeChange(em: EntityManager, letter: Letter): Promise<Composed | undefined> {
    const addressee = await addresseeOf(em, letter);
    const change = letter.data?.['change'];
    if (!addressee || !isChange(change)) return undefined;
    const { t, frame } = addressee;
    const where = change === 'factors_reset' ? [] : [t('second_factor.letter_changed_where')];
    return {
      ...frame,
      subject: t(`second_factor.letter_${change}`),
      heading: t(`second_factor.letter_${change}`),
      paragraphs: [t(`second_factor.letter_${change}_text`), ...where],
      action: { label: t('second_factor.letter_changed_link'), url: `${issuer}/account/security` },
      closing: [t('second_factor.letter_changed_not_you')],
    };
  }
}

type Addressee = { accountId: string; frame: Pick<Composed, 'to' | 'locale'>; t: IdpWords['t'] };

async function addresseeOf(em: EntityManager, { accountId, locale }: Letter): Promise<Addressee | undefined> {
  const account = accountId === undefined ? null : await em.findOne(Account, { id: accountId });
  if (!account) return undefined;
  const words = wordsIn(locale ?? account.locale ?? 'en');
  return { accountId: account.id, frame: { to: account.email, locale: words.locale }, t: words.t };
}

function isChange(value: unknown): value is FactorChange {
  return typeof value === 'string' && Object.hasOwn(changes, value);
}
