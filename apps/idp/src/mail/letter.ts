import { createRenderer } from '@portcullis/http';
import { inLanguage } from '#i18n/locale.ts';
import { wordsIn } from '#i18n/messages.ts';
import { type Palette, palettesOf } from './colours.ts';
import type { Composed } from './post.ts';

/** Whose letters these are. */
export type Letterhead = { product: string; issuer: string; hue: number | null };

type LetterView = {
  locale: string;
  subject: string;
  heading: string;
  paragraphs: string[];
  facts: { label: string; value: string }[];
  action: { label: string; url: string } | null;
  code: string | null;
  closing: string[];
  product: string;
  issuer: string;
  linkHint: string;
  codeLabel: string;
  footer: string;
  light: Palette;
  dark: Palette;
};

const render = createRenderer<{ letter: LetterView }>({ letter: new URL('./letter.hbs', import.meta.url) });

export function letterHtml(letter: Composed, letterhead: Letterhead): string {
  return render('letter', viewOf(letter, letterhead));
}

/** The same for those who read plain text: lines of their own for what is to be opened or typed. */
export function letterText(letter: Composed, letterhead: Letterhead): string {
  const { heading, paragraphs, facts, code, codeLabel, action, closing, footer } = viewOf(letter, letterhead);
  const parts = [
    heading,
    ...paragraphs,
    ...(facts.length ? [facts.map(({ label, value }) => `${label}: ${value}`).join('\n')] : []),
    ...(code === null ? [] : [`${codeLabel}: ${code}`]),
    ...(action === null ? [] : [`${action.label}:\n${action.url}`]),
    ...closing,
    `-- \n${footer}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function viewOf(letter: Composed, { product, issuer, hue }: Letterhead): LetterView {
  const { t, locale } = wordsIn(letter.locale);
  const { subject, heading, paragraphs, facts = [], action, code = null, closing = [] } = letter;
  return {
    locale,
    subject,
    heading,
    paragraphs,
    facts,
    action: action ? { ...action, url: inLanguage(action.url, locale) } : null,
    code,
    closing,
    product,
    issuer,
    linkHint: t('mail.link_hint'),
    codeLabel: t('mail.code_label'),
    footer: t('mail.footer', { product, host: new URL(issuer).host }),
    ...palettesOf(hue),
  };
}
