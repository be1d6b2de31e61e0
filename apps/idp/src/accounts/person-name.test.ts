import { expect, test } from 'vitest';
import { PersonName } from './person-name.ts';

test.each(['Nora', '  Nora ', 'O’Neill-Gate, Jr.', 'می‌خ', '山田 太郎', '👩‍🚀', '7'])('%j is a name', (name) => {
  expect(PersonName.parse(name)).toBe(name.trim());
});

test.each([
  '',
  ' ',
  '\u200b',
  '\u202eevil',
  '\u2800',
  '\u3164',
  '\u200d',
  '\u{e0041}',
  'a\nb',
  'a\u2028b',
  'x'.repeat(201),
])('%j is none: nothing to see, or hidden characters that turn round what stands beside it', (name) => {
  expect(PersonName.safeParse(name).success).toBe(false);
});
