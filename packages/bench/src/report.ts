import type { Figures, FlowResult } from './flow.ts';
import type { Rate, VerifyResult } from './verify.ts';

/** Figures in columns, the widest cell of each deciding; numbers to the right. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Three significant digits say more than a noisy fourth. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 3 });
}

export function flowTable({ scenarios }: FlowResult): string {
  const head = ['scenario', 'server', 'op/s', 'op/core-s', 'p50 ms', 'p99 ms', 'ratio', 'CPU ms of one'];
  const rows = Object.entries(scenarios).flatMap(([name, { ours, yardstick, yardstickName, ratio }]) => [
    [name, 'portcullis', ...cells(ours), figure(ratio), cpu(ours)],
    ['', yardstickName, ...cells(yardstick), '', cpu(yardstick)],
  ]);
  return `${table([head, ...rows])}\n${floodLines({ scenarios })}`;
}

function cells({ operationsPerSecond, operationsPerCoreSecond, p50Ms, p99Ms }: Figures): string[] {
  return [operationsPerSecond, operationsPerCoreSecond, p50Ms, p99Ms].map(figure);
}

function cpu({ cpuMs }: Figures): string {
  return Object.entries(cpuMs)
    .map(([name, ms]) => `${name} ${figure(ms)}`)
    .join(', ');
}

/** What the strangers' guesses were answered, as status × count. */
function floodLines({ scenarios: { flood } }: FlowResult): string {
  if (!flood) return '';
  const answers = ({ background }: Figures): string =>
    Object.entries(background)
      .map(([status, count]) => `${status} × ${count}`)
      .join(', ');
  return `flood: the ratio is of p99; guesses answered: portcullis ${answers(flood.ours)}; ${flood.yardstickName} ${answers(flood.yardstick)}\n`;
}

export function verifyTable({ entries, rates, ratio }: VerifyResult): string {
  const row = (
    what: string,
    against: string,
    { checksPerSecond, checksPerCoreSecond }: Rate,
    of?: number,
  ): string[] => [
    what,
    against,
    figure(checksPerSecond),
    figure(checksPerCoreSecond),
    of === undefined ? '' : figure(of),
  ];
  const rows = [
    [`denylist of ${entries}`, 'token', 'check/s', 'check/core-s', 'ratio'],
    row('portcullis', 'seen before', rates.seen, ratio.seen),
    row('jose + Redis EXISTS', 'any', rates.joseAndRedis),
    row('portcullis', 'never seen', rates.unseen, ratio.unseen),
    row('jose alone', 'any', rates.jose),
  ];
  return `${table(rows)}\n`;
}
