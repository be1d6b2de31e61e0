import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { normalizeEmail } from '#accounts/email.ts';
import { Account } from '#accounts/entity.ts';
import { happenedSince } from '#audit/service.ts';
import { wordsIn } from '#i18n/messages.ts';
import type { Composed, Composers, Letter } from '#mail/post.ts';
import { issueToken } from '#single-use/service.ts';
import { issueUndo } from './taking-back.ts';

const confirmSeconds = 60 * 60;
const withdrawing = ['account.password_changed', 'account.password_disabled', 'account.email_changed'];

export function emailChangeLetters({ issuer, product }: { issuer: string; product: string }) {
  return { email_change: composeConfirmation, email_changed: composeNews } satisfies Composers;

  /** To the new address, unless what withdraws such links came while the letter waited: a wish of before is not the owner's. */
  async function composeConfirmation(em: EntityManager, letter: Letter): Promise<Composed | undefined> {
    const { accountId, email, data } = letter;
    const askedAt = data?.['askedAt'];
    if (accountId === undefined || email === undefined || typeof askedAt !== 'string') return undefined;
    const account = await em.findOne(Account, { id: accountId }, { lockMode: LockMode.PESSIMISTIC_READ });
    const withdrawn = { accountId, since: new Date(askedAt), actions: withdrawing };
    if (!account || (await happenedSince(em, withdrawn))) return undefined;
    const { t, locale } = wordsIn(letter.locale ?? account.locale ?? 'en');
    const holder = await em.findOne(Account, { emailNormalized: normalizeEmail(email) });
    if (holder && holder.id !== account.id) {
      return {
        to: holder.email,
        locale,
        subject: t('email_change.taken_letter_subject'),
        heading: t('email_change.taken_letter_subject'),
        paragraphs: [t('email_change.taken_letter_text', { product })],
      };
    }
    const wanted = { accountId, email: normalizeEmail(email), data: { email } };
    const token = await issueToken(em, { purpose: 'email_change', ...wanted, lifeSeconds: confirmSeconds });
    return {
      to: email,
      locale,
      subject: t('email_change.letter_subject'),
      heading: t('email_change.letter_subject'),
      paragraphs: [t('email_change.letter_text', { product })],
      action: { label: t('email_change.letter_action'), url: `${issuer}/confirm-email?token=${token}` },
      closing: [t('email_change.letter_valid'), t('email_change.letter_not_you')],
    };
  }

  /** To the earlier address. A change that was undone while its letter waited gives it no link to come back with. */
  async function composeNews(em: EntityManager, letter: Letter): Promise<Composed | undefined> {
    const { accountId, email, data } = letter;
    const changedAt = data?.['changedAt'];
    if (accountId === undefined || email === undefined || typeof changedAt !== 'string') return undefined;
    const account = await em.findOne(Account, { id: accountId }, { lockMode: LockMode.PESSIMISTIC_READ });
    const undone = { accountId, since: new Date(changedAt), actions: ['account.email_change_undone'] };
    if (!account || (await happenedSince(em, undone))) return undefined;
    const { t, locale } = wordsIn(letter.locale ?? account.locale ?? 'en');
    const token = await issueUndo(em, accountId, { email, since: new Date(changedAt) });
    return {
      to: email,
      locale,
      subject: t('email_change.changed_letter_subject'),
      heading: t('email_change.changed_letter_subject'),
      paragraphs: [
        t('email_change.changed_letter_text', { product, email: account.email }),
        t('email_change.changed_letter_undo'),
      ],
      action: { label: t('email_change.changed_letter_action'), url: `${issuer}/confirm-email/undo?token=${token}` },
      closing: [t('email_change.changed_letter_valid')],
    };
  }
}
