import fc from 'fast-check';
import { expect, test } from 'vitest';

import { isEmail, normalizeEmail } from './email.ts';

test.each([
  ['Alice@Example.COM', 'alice@example.com'],
  [' alice@example.com\t', 'alice@example.com'],
  ['ａｌｉｃｅ@example.com', 'alice@example.com'],
  ['Zoe\u0308@example.com', 'zoë@example.com'],
])('R-45: %j is the address %s', (typed, normalized) => {
  expect(normalizeEmail(typed)).toBe(normalized);
});

test('R-45: normalising twice changes nothing, whatever was typed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (typed) => {
      const once = normalizeEmail(typed);
      expect(normalizeEmail(once)).toBe(once);
    }),
  );
});

test.each(['', 'alice', 'alice@', '@example.com', 'a b@example.com', `${'x'.repeat(321)}@example.com`])(
  '%j is no address',
  (text) => {
    expect(isEmail(normalizeEmail(text))).toBe(false);
  },
);
