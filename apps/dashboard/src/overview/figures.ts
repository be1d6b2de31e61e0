export type Day = { iso: string; value: number };

const DAYS = 14;
const DAY_MS = 24 * 3600 * 1000;

/** One figure for each of the last fourteen days (UTC), the oldest first: the sum of what fell on it. */
export function lastDays<T>(rows: T[], now: Date, at: (row: T) => string, value: (row: T) => number): Day[] {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const day = at(row).slice(0, 10);
    sums.set(day, (sums.get(day) ?? 0) + value(row));
  }
  return Array.from({ length: DAYS }, (_, index) => {
    const iso = new Date(now.getTime() - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return { iso, value: sums.get(iso) ?? 0 };
  });
}
