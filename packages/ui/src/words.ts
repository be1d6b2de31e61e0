import { escapeHtml, type Locale, safeHtml } from '@portcullis/http';
import { IntlMessageFormat } from 'intl-messageformat';
import { layoutMessages } from './layout-messages.ts';
import type { Messages } from './messages.ts';

type Features = Record<string, Messages>;

/** `feature.key` for every text there is. */
export type MessageKey<F extends Features> = {
  [Name in Extract<keyof F, string>]: `${Name}.${Extract<keyof F[Name]['en'], string>}`;
}[Extract<keyof F, string>];

export type Values = Record<string, string | number | Date>;
/** Values for a page; a helper may have made markup of one. */
export type MarkupValues = Record<string, Values[string] | Handlebars.SafeString>;
/** One language's words. Throws for a key that does not exist and for a value that its text needs and does not get. */
export type Words<Key extends string = string> = { locale: Locale; t(this: void, key: Key, values?: Values): string };

/** What pages need to speak: the words of a language, by the name of the feature and of the text. */
export function createWords<F extends Features>(features: F): (locale: Locale) => Words<MessageKey<F>> {
  const formats = new Map<string, IntlMessageFormat>();
  const all: Features = { ...features, layout: layoutMessages };

  return (locale) => ({ locale, t: (key, values) => String(formatOf(locale, key).format(values)) });

  function formatOf(locale: Locale, key: string): IntlMessageFormat {
    const name = `${locale} ${key}`;
    const known = formats.get(name);
    if (known) return known;
    const dot = key.indexOf('.');
    const text = all[key.slice(0, dot)]?.[locale][key.slice(dot + 1)];
    if (text === undefined) throw new Error(`there is no text ${key} in ${locale}`);
    const format = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true });
    formats.set(name, format);
    return format;
  }
}

/** For templates: the text's own `<strong>` stands, what is put into it is escaped, unless a helper has made it. */
export function translatedHtml({ t }: Words, key: string, values: MarkupValues): Handlebars.SafeString {
  return safeHtml(t(key, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, escaped(value)]))));
}

function escaped(value: MarkupValues[string]): Values[string] {
  if (typeof value === 'string') return escapeHtml(value);
  return typeof value === 'object' && 'toHTML' in value ? value.toHTML() : value;
}

/** A moment in the reader's language, in UTC; where scripts run, enhance.js puts it into the reader's time zone. */
export function momentHtml(locale: Locale, at: Date): Handlebars.SafeString {
  const text = at.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  return safeHtml(`<time datetime="${at.toISOString()}" data-local>${escapeHtml(text)} UTC</time>`);
}

/** `feature.key → the names of the values that its text needs`, by language: the same in all of them, or a page breaks in one. */
export function valuesNeeded(features: Features, locale: Locale): Map<string, string> {
  const needed = new Map<string, string>();
  for (const [feature, messages] of Object.entries({ ...features, layout: layoutMessages })) {
    for (const [key, text] of Object.entries(messages[locale])) {
      const names = namesIn(new IntlMessageFormat(text, locale, undefined, { ignoreTag: true }).getAst());
      needed.set(`${feature}.${key}`, [...new Set(names)].sort().join(' '));
    }
  }
  return needed;
}

type Element = { type: number; value?: unknown; options?: Record<string, { value: Element[] }> };

/** In the parsed text, 0 is what stands as it is and 7 the `#` of a plural; everything else names a value. */
function namesIn(elements: readonly Element[]): string[] {
  return elements.flatMap(({ type, value, options = {} }) => [
    ...(type === 0 || type === 7 ? [] : [String(value)]),
    ...Object.values(options).flatMap((option) => namesIn(option.value)),
  ]);
}
