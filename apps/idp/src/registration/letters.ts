import type { EntityManager } from '@mikro-orm/postgresql';
import { normalizeEmail } from '#accounts/email.ts';
import { Account } from '#accounts/entity.ts';
import { wordsIn } from '#i18n/messages.ts';
import type { Composed, Composers, Letter } from '#mail/post.ts';
import { issueToken } from '#single-use/service.ts';

const lifeSeconds = 60 * 60;

/** Here, and nowhere a browser waits for it, it is found out whether the address has an account. */
export function registrationLetters({ issuer, product }: { issuer: string; product: string }) {
  return { registration: compose } satisfies Composers;

  async function compose(em: EntityManager, { email, locale = 'en' }: Letter): Promise<Composed | undefined> {
    if (email === undefined) return undefined;
    const account = await em.findOne(Account, { emailNormalized: normalizeEmail(email) });
    if (account) return alreadyRegistered(account);
    const { t } = wordsIn(locale);
    const wanted = { email: normalizeEmail(email), data: { email, locale } };
    const token = await issueToken(em, { purpose: 'registration', ...wanted, lifeSeconds });
    return {
      to: email,
      locale,
      subject: t('registration.letter_subject'),
      heading: t('registration.letter_subject'),
      paragraphs: [t('registration.letter_text', { product })],
      action: { label: t('registration.letter_action'), url: `${issuer}/register/confirm?token=${token}` },
      closing: [t('registration.letter_valid'), t('registration.letter_not_you')],
    };

    /** To the account's own address: what was typed only normalises to it, and may be another mailbox. */
    function alreadyRegistered(owner: Account): Composed {
      const words = wordsIn(owner.locale ?? locale);
      return {
        to: owner.email,
        locale: words.locale,
        subject: words.t('registration.taken_letter_subject'),
        heading: words.t('registration.taken_letter_subject'),
        paragraphs: [
          words.t('registration.taken_letter_text', { product }),
          words.t('registration.taken_letter_forgotten'),
        ],
        action: { label: words.t('registration.taken_letter_action'), url: `${issuer}/reset-password` },
        closing: [words.t('registration.taken_letter_not_you')],
      };
    }
  }
}
