import { expect, test } from 'vitest';
import { parseUntil } from './ban.ts';

const now = Date.parse('2026-11-21T12:00:00Z');

test.each([
  ['30m', '2026-11-21T12:30:00.000Z'],
  ['2h', '2026-11-21T14:00:00.000Z'],
  ['7d', '2026-11-28T12:00:00.000Z'],
  ['2w', '2026-12-05T12:00:00.000Z'],
  ['2026-12-31', '2026-12-31T00:00:00.000Z'],
  ['2026-12-31T18:00', '2026-12-31T18:00:00.000Z'], // UTC, not where this machine happens to stand
  ['2026-12-31T18:00:30Z', '2026-12-31T18:00:30.000Z'],
  ['2026-12-31T18:00+02:00', '2026-12-31T16:00:00.000Z'],
])('--until %s is %s', (written, meant) => {
  expect(parseUntil(written, now).toISOString()).toBe(meant);
});

test.each(['', 'soon', '2', 'h', '-2h', '1.5h', '31.12.2026', '2026-13-01', '2026-12-31 18:00', '2026'])(
  '--until %j is refused',
  (written) => {
    expect(() => parseUntil(written, now)).toThrow('Say 30m');
  },
);
