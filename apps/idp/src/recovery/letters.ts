import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { normalizeEmail } from '#accounts/email.ts';
import { Account } from '#accounts/entity.ts';
import { happenedSince } from '#audit/service.ts';
import { wordsIn } from '#i18n/messages.ts';
import type { Composed, Composers, Letter } from '#mail/post.ts';
import { issueToken } from '#single-use/service.ts';

const lifeSeconds = 15 * 60;
const withdrawing = ['account.password_changed', 'account.password_disabled'];

/** To the account's own address, never to what was typed: that only normalises to it, and may be another mailbox. */
export function recoveryLetters({ issuer, product }: { issuer: string; product: string }) {
  return { password_reset: composeReset, password_changed: composeChanged } satisfies Composers;

  /** Unless the password was changed while the letter waited: that ends every such link. */
  async function composeReset(em: EntityManager, letter: Letter): Promise<Composed | undefined> {
    const account = await addresseeOf(em, letter);
    const askedAt = letter.data?.['askedAt'];
    if (!account || typeof askedAt !== 'string') return undefined;
    const withdrawn = { accountId: account.id, since: new Date(askedAt), actions: withdrawing };
    if (await happenedSince(em, withdrawn)) return undefined;
    const { t, locale } = wordsIn(letter.locale ?? account.locale ?? 'en');
    const token = await issueToken(em, { purpose: 'password_reset', accountId: account.id, lifeSeconds });
    return {
      to: account.email,
      locale,
      subject: t('recovery.letter_subject'),
      heading: t('recovery.letter_subject'),
      paragraphs: [t('recovery.letter_text', { product })],
      action: { label: t('recovery.letter_action'), url: `${issuer}/reset-password/new?token=${token}` },
      closing: [t('recovery.letter_valid'), t('recovery.letter_not_you')],
    };
  }

  async function composeChanged(em: EntityManager, letter: Letter): Promise<Composed | undefined> {
    const account = await addresseeOf(em, letter);
    if (!account) return undefined;
    const { t, locale } = wordsIn(letter.locale ?? account.locale ?? 'en');
    return {
      to: account.email,
      locale,
      subject: t('recovery.changed_letter_subject'),
      heading: t('recovery.changed_letter_subject'),
      paragraphs: [t('recovery.changed_letter_text', { product }), t('recovery.changed_letter_not_you')],
      action: { label: t('recovery.changed_letter_action'), url: `${issuer}/reset-password` },
    };
  }
}

async function addresseeOf(em: EntityManager, { accountId, email }: Letter): Promise<Account | null> {
  const held = { lockMode: LockMode.PESSIMISTIC_READ } as const;
  if (accountId !== undefined) return em.findOne(Account, { id: accountId }, held);
  return email === undefined ? null : em.findOne(Account, { emailNormalized: normalizeEmail(email) }, held);
}
