import { z } from 'zod';

/** Letters that are written together; Latin stands beside those of East Asia as a matter of course (UTS 39, highly restrictive). */
const alphabets = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
  ...[
    'Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Hebrew Kannada Khmer Lao',
    'Malayalam Myanmar Sinhala Tamil Telugu Thai Tibetan',
  ].flatMap((names) => names.split(' ').map((name) => [name])),
].map((scripts) => {
  const letters = scripts.map((script) => String.raw`\p{Script_Extensions=${script}}`).join('');
  return new RegExp(String.raw`^[${letters}\p{Script=Common}\p{Script=Inherited}]*$`, 'u');
});
/** Controls, invisible characters, those that turn the direction of writing, and every space but the one of the keyboard. */
const unseen = /\p{C}|\p{Z}(?<! )|\p{Default_Ignorable_Code_Point}/u;

/** What people read on the sign-in and consent pages: nothing in it may look like something else. */
export const applicationName = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .refine((name) => !unseen.test(name), 'must not hold invisible characters')
  .refine((name) => name === name.normalize('NFKC'), 'must be written in ordinary letters')
  .refine((name) => alphabets.some((alphabet) => alphabet.test(name)), 'must not mix letters of different scripts');
