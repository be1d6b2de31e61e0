import type { Locale } from '@portcullis/http';

type Texts = Record<string, string>;
/** The texts of one feature in every language, in ICU message syntax. `<strong>` may stand in texts that templates print. */
export type Messages<Key extends string = string> = Record<Locale, Record<Key, string>>;
/** A text that one language lacks, or has too many, does not compile. */
export function defineMessages<const En extends Texts>(messages: {
  en: En;
  de: Record<keyof En, string>;
  es: Record<keyof En, string>;
}): Messages<Extract<keyof En, string>> {
  return messages as Messages<Extract<keyof En, string>>;
}
