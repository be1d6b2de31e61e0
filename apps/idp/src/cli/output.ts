import type { Delivery } from '#revocations/service.ts';

/** 0: done · 1: refused or failed · 2: the command line is wrong · 3: recorded, but not yet in force everywhere · 4: the doctor got no canary in. */
export const exitCodes = { failed: 1, usage: 2, pending: 3, notSignedIn: 4 } as const;

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Says whether the act is already in force, and leaves with 3 when it is not. */
export function sayDelivery(delivery: Delivery): void {
  if (delivery === 'published') return;
  process.stderr.write('Recorded, not yet everywhere: Redis did not take it. The nodes repeat it until it does.\n');
  process.exitCode = exitCodes.pending;
}

export function sayJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

/** Columns under their headings; `empty` when there is no row. */
export function sayTable(headings: string[], rows: string[][], empty: string): void {
  if (!rows.length) return say(empty);
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines)
    say(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

export function count(n: number): string {
  return n.toLocaleString('en');
}

/** To the minute, in UTC: `2026-11-21 22:40Z`. */
export function minute(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}
