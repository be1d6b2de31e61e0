import { expect, test } from 'vitest';
import { parsePast } from './moment.ts';

const now = Date.parse('2026-11-21T12:00:00Z');

test.each([
  ['now', '2026-11-21T12:00:00.000Z'],
  ['30m', '2026-11-21T11:30:00.000Z'],
  ['2h', '2026-11-21T10:00:00.000Z'],
  ['7d', '2026-11-14T12:00:00.000Z'],
  ['2026-11-20T18:00', '2026-11-20T18:00:00.000Z'],
])('%s looks back to %s', (written, meant) => {
  expect(parsePast(written, now).toISOString()).toBe(meant);
});

test('what is no moment is refused', () => {
  expect(() => parsePast('soon', now)).toThrow('Say');
});
