import type { FieldState, IconName, Locale } from '@portcullis/ui';
import { inLanguage } from '#i18n/locale.ts';
import { wordsIn } from '#i18n/messages.ts';
import { chrome, type Framed } from '#views/chrome.ts';
import { wayOn } from './pending.ts';

/** What the link is for. */
export type Purpose = 'registration' | 'recovery';

type Form = { action: string; csrf: string };
export type LinkRequestView = Framed &
  Form & {
    heading: string;
    lede: string;
    submit: string;
    from: string | null;
    email: FieldState;
    back: { label: string; href: string } | null;
  };
export type LinkSentView = Framed &
  Form & {
    email: string;
    /** Where the text of the letter depends on it: what happens if the address has no account, or has one. */
    otherwise: string;
    again: boolean;
    waitSeconds: number;
    otherAddressHref: string;
  };
/** A page that says what has come of something, and leads on. */
export type NoticeView = Framed & {
  icon: IconName;
  heading: string;
  paragraphs: string[];
  action: { label: string; href: string } | null;
};

type Asked = { path: string; csrf: string; email: string; from: string | null; mistaken: boolean };

export function linkRequestView(purpose: Purpose, locale: Locale, asked: Asked): LinkRequestView {
  const { t } = wordsIn(locale);
  return {
    chrome: chrome(t(`${purpose}.heading`), locale),
    heading: t(`${purpose}.heading`),
    lede: t(`${purpose}.lede`),
    submit: t(`${purpose}.submit`),
    action: asked.path,
    csrf: asked.csrf,
    from: asked.from,
    email: { value: asked.email, error: asked.mistaken ? t('link_request.email_invalid') : null },
    back: asked.from ? { label: t('link_request.back_to_sign_in'), href: wayOn(asked.from) } : null,
  };
}

type Sent = { path: string; csrf: string; email: string; from: string | null; again: boolean; waitSeconds: number };

export function linkSentView(purpose: Purpose, locale: Locale, sent: Sent): LinkSentView {
  const { t } = wordsIn(locale);
  return {
    chrome: chrome(t('link_request.sent_heading'), locale),
    otherwise: t(`${purpose}.sent_otherwise`),
    action: `${sent.path}/sent`,
    csrf: sent.csrf,
    email: sent.email,
    again: sent.again,
    waitSeconds: sent.waitSeconds,
    otherAddressHref: inLanguage(sent.from ? `${sent.path}?from=${sent.from}` : sent.path, locale),
  };
}

export function noticeView(locale: Locale, notice: Omit<NoticeView, 'chrome'>): NoticeView {
  return { chrome: chrome(notice.heading, locale), ...notice };
}
