import type { EntityManager } from '@mikro-orm/postgresql';
import { Account } from '#accounts/entity.ts';
import { wordsIn } from '#i18n/messages.ts';
import type { Composers, Letter } from '#mail/post.ts';
import { issueToken } from '#single-use/service.ts';

/** What is told the owner of an account that is to end. */
export function deletionLetters({ issuer, graceDays }: { issuer: string; graceDays: number }): Composers {
  return {
    async deletion_scheduled(em, letter) {
      const account = await accountOf(em, letter);
      if (!account?.deletionAt) return undefined;
      const lifeSeconds = graceDays * 24 * 3600;
      const token = await issueToken(em, { purpose: 'deletion_cancel', accountId: account.id, lifeSeconds });
      const { t, locale } = wordsIn(account.locale ?? letter.locale ?? 'en');
      return {
        to: account.email,
        locale,
        subject: t('account_deletion.letter_scheduled_subject'),
        heading: t('account_deletion.letter_scheduled_subject'),
        paragraphs: [t('account_deletion.letter_scheduled_text', { email: account.email, at: account.deletionAt })],
        action: { label: t('account_deletion.letter_scheduled_keep'), url: `${issuer}/account/keep?token=${token}` },
        closing: [t('account_deletion.letter_scheduled_not_you')],
      };
    },
    async deletion_cancelled(em, letter) {
      const account = await accountOf(em, letter);
      if (!account) return undefined;
      const { t, locale } = wordsIn(account.locale ?? letter.locale ?? 'en');
      return {
        to: account.email,
        locale,
        subject: t('account_deletion.letter_cancelled_subject'),
        heading: t('account_deletion.letter_cancelled_subject'),
        paragraphs: [t('account_deletion.letter_cancelled_text', { email: account.email })],
        closing: [t('account_deletion.letter_cancelled_not_you')],
      };
    },
  };
}

async function accountOf(em: EntityManager, { accountId }: Letter): Promise<Account | null> {
  return accountId === undefined ? null : em.findOne(Account, { id: accountId });
}
