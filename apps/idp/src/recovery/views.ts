import type { FieldState, Locale } from '@portcullis/ui';
import { leastPasswordCharacters } from '#accounts/password-policy.ts';
import { inLanguage } from '#i18n/locale.ts';
import { wordsIn } from '#i18n/messages.ts';
import { wayOn } from '#link-request/pending.ts';
import { noticeView, type NoticeView } from '#link-request/views.ts';
import { chrome, type Framed } from '#views/chrome.ts';

export type ResetPasswordView = Framed & {
  csrf: string;
  token: string;
  email: string;
  /** What an attacker would try first. */
  known: string;
  password: FieldState;
  least: number;
};

type Form = { csrf: string; token: string; owner: { email: string; name: string }; secondFactor: boolean };

export function resetPasswordView(
  locale: Locale,
  { csrf, token, owner, secondFactor }: Form,
  error: string | null = null,
): ResetPasswordView {
  return {
    chrome: chrome(wordsIn(locale).t('recovery.new_heading'), locale),
    csrf,
    token,
    email: owner.email,
    known: `${owner.email} ${owner.name}`,
    password: { value: '', error },
    least: leastPasswordCharacters({ secondFactor }),
  };
}

export function deadResetView(locale: Locale): NoticeView {
  const { t } = wordsIn(locale);
  return noticeView(locale, {
    icon: 'clock',
    heading: t('link_request.dead_heading'),
    paragraphs: [t('link_request.dead_text')],
    action: { label: t('link_request.dead_action'), href: inLanguage('/reset-password', locale) },
  });
}

export function passwordSetView(locale: Locale, from: string | null): NoticeView {
  const { t } = wordsIn(locale);
  return noticeView(locale, {
    icon: 'circle-check',
    heading: t('recovery.done_heading'),
    paragraphs: [t('recovery.done_text')],
    action: { label: t('recovery.done_action'), href: wayOn(from) },
  });
}
