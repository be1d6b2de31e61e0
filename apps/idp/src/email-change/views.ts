import type { Locale } from '@portcullis/ui';
import { wordsIn } from '#i18n/messages.ts';
import { noticeView, type NoticeView } from '#link-request/views.ts';
import { chrome, type Framed } from '#views/chrome.ts';

export type ConfirmEmailView = Framed & { csrf: string; token: string; email: string };

type Form = { csrf: string; token: string; email: string };

export function confirmEmailView(locale: Locale, form: Form): ConfirmEmailView {
  return { chrome: chrome(wordsIn(locale).t('email_change.confirm_heading'), locale), ...form };
}

export function undoEmailView(locale: Locale, form: Form): ConfirmEmailView {
  return { chrome: chrome(wordsIn(locale).t('email_change.undo_heading'), locale), ...form };
}

export function emailChangedView(locale: Locale): NoticeView {
  const { t } = wordsIn(locale);
  return noticeView(locale, {
    icon: 'circle-check',
    heading: t('email_change.done_heading'),
    paragraphs: [t('email_change.done_text')],
    action: { label: t('email_change.account'), href: '/account' },
  });
}

export function changeUndoneView(locale: Locale): NoticeView {
  const { t } = wordsIn(locale);
  return noticeView(locale, {
    icon: 'circle-check',
    heading: t('email_change.undone_heading'),
    paragraphs: [t('email_change.undone_text'), t('email_change.undone_check')],
    action: { label: t('email_change.front_page'), href: '/' },
  });
}

export function emailTakenView(locale: Locale): NoticeView {
  const { t } = wordsIn(locale);
  return noticeView(locale, {
    icon: 'info',
    heading: t('email_change.taken_heading'),
    paragraphs: [t('email_change.taken_text')],
    action: { label: t('email_change.account'), href: '/account' },
  });
}

export function deadLinkView(locale: Locale): NoticeView {
  const { t } = wordsIn(locale);
  return noticeView(locale, {
    icon: 'clock',
    heading: t('link_request.dead_heading'),
    paragraphs: [t('email_change.dead_text')],
    action: { label: t('email_change.account'), href: '/account' },
  });
}
