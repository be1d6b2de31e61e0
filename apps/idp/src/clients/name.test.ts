import { expect, test } from 'vitest';
import { applicationName } from './name.ts';

const accepted = (name: string): boolean => applicationName.safeParse(name).success;

test.each([
  'Shop',
  'Müller & Söhne (Köln)',
  'Тинькофф',
  'Ελληνικά Νέα',
  'ソニー Store',
  '한국 Shop 2',
  'متجر',
  'חנות',
  'हिन्दी',
  'O’Neill – 24/7',
  `<script>alert(1)</script>`, // harmless: it is escaped wherever it is shown
])('%s may be the name of an application', (name) => {
  expect(accepted(name)).toBe(true);
});

test.each([
  ['Cyrillic о in Latin', 'Sh\u043Ep'],
  ['Greek ο in Latin', 'F\u03BFrum'],
  ['Latin in Cyrillic', 'Тинькoфф'],
  ['letters of mathematics', '\u{1D412}hop'],
  ['full width letters', 'Ｓｈｏｐ'],
  ['a ligature', 'o\uFB03ce'],
  ['an override of the direction', 'Shop \u202Egpj.exe'],
  ['an isolate', '\u2066Shop\u2069'],
  ['a zero width joiner', 'Sh\u200Dop'],
  ['a zero width space', 'Sh\u200Bop'],
  ['a soft hyphen', 'Sh\u00ADop'],
  ['a filler that looks like nothing', 'Shop\u3164'],
  ['a line break', 'Shop\nSigned in as admin'],
  ['a line separator', 'Shop\u2028admin'],
  ['a null', 'Shop\0'],
  ['an escape sequence', 'Shop\u001B[2J'],
  ['a tag character', 'Shop\u{E0041}'],
  ['a private character', 'Shop\uE000'],
  ['half of a pair', 'Shop\uD800'],
  ['another space', 'Shop\u2003Admin'],
  ['nothing', '   '],
])('A-28: a name with %s is refused when it is declared', (_what, name) => {
  expect(accepted(name)).toBe(false);
});
