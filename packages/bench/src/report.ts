import type { Figures, FlowResult } from './flow.ts';
import type { RevokeResult, Spread } from './revoke.ts';
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

export function revokeTable(result: RevokeResult): string {
  const { mirrors, processes, revocations, pace_per_second: pace, capacity } = result;
  const row = (what: string, { p50, p99, max }: Spread): string[] => [what, '', ...[p50, p99, max].map(figure)];
  const rows = [
    [`${mirrors} mirrors`, '', 'p50 ms', 'p99 ms', 'max ms'],
    row('publish to refusal', result.refused_ms),
    row('publish to receipt', result.receipt_ms),
    row('bare ioredis subscriber', result.peer_ms),
  ];
  return `${table(rows)}
${revocations} revocations, ${pace} a second, mirrors in ${processes} processes; ratio of p99 to the bare subscriber ${figure(result.ratio)}
accepted after receipt ${result.accepted_after_receipt}, without refusal or receipt ${result.missing}
one mirror of ${capacity.entries} entries: ${figure(capacity.heap_mb)} MB of heap, ${figure(capacity.rss_mb)} MB resident, loaded in ${figure(capacity.load_ms)} ms, ${figure(capacity.checks_per_core_second)} checks/core-s
`;
}
