import type { FieldState, Locale } from '@portcullis/ui';
import { leastPasswordCharacters } from '#accounts/password-policy.ts';
import { inLanguage } from '#i18n/locale.ts';
import { wordsIn } from '#i18n/messages.ts';
import { noticeView, type NoticeView } from '#link-request/views.ts';
import { wayOn } from '#link-request/pending.ts';
import { chrome, type Framed } from '#views/chrome.ts';

export type ConfirmRegistrationView = Framed & {
  csrf: string;
  token: string;
  email: string;
  name: FieldState & { focus: boolean };
  password: FieldState & { focus: boolean };
  least: number;
};

type Form = { csrf: string; token: string; email: string; name: string };
type Errors = { name: string | null; password: string | null };

export function confirmRegistrationView(
  locale: Locale,
  { csrf, token, email, name }: Form,
  errors: Errors = { name: null, password: null },
): ConfirmRegistrationView {
  return {
    chrome: chrome(wordsIn(locale).t('registration.confirm_heading'), locale),
    csrf,
    token,
    email,
    name: { value: name, error: errors.name, focus: errors.password === null },
    password: { value: '', error: errors.password, focus: errors.password !== null },
    least: leastPasswordCharacters({ secondFactor: false }),
  };
}

export function deadRegistrationView(locale: Locale): NoticeView {
  const { t } = wordsIn(locale);
  return noticeView(locale, {
    icon: 'clock',
    heading: t('link_request.dead_heading'),
    paragraphs: [t('link_request.dead_text')],
    action: { label: t('link_request.dead_action'), href: inLanguage('/register', locale) },
  });
}

export function takenView(locale: Locale): NoticeView {
  const { t } = wordsIn(locale);
  return noticeView(locale, {
    icon: 'info',
    heading: t('registration.taken_heading'),
    paragraphs: [t('registration.taken_text')],
    action: { label: t('recovery.heading'), href: inLanguage('/reset-password', locale) },
  });
}

export function registeredView(locale: Locale, from: string | null): NoticeView {
  const { t } = wordsIn(locale);
  return noticeView(locale, {
    icon: 'circle-check',
    heading: t('registration.done_heading'),
    paragraphs: [t('registration.done_text')],
    action: { label: t('registration.done_action'), href: wayOn(from) },
  });
}
