import { expect, test } from 'vitest';
import { lastDays } from './figures.ts';

const now = new Date('2026-03-02T00:30:00Z');
const rows = [
  { at: '2026-03-02T00:10:00.000Z', cents: 100 },
  { at: '2026-03-01T23:59:59.999Z', cents: 20 },
  { at: '2026-03-01T00:00:00.000Z', cents: 3 },
  { at: '2026-02-01T12:00:00.000Z', cents: 1000 },
];

test('each of the last fourteen days has the sum of what fell on it, days without anything too', () => {
  const days = lastDays(
    rows,
    now,
    (row) => row.at,
    (row) => row.cents,
  );
  expect(days).toHaveLength(14);
  expect(days[0]).toEqual({ iso: '2026-02-17', value: 0 });
  expect(days.slice(-3)).toEqual([
    { iso: '2026-02-28', value: 0 },
    { iso: '2026-03-01', value: 23 },
    { iso: '2026-03-02', value: 100 },
  ]);
});
