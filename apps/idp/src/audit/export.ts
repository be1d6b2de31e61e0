import type { AuditRecord } from './history.ts';

/** Of an export: its rows as text, in pieces of any size. */
export const writers = { csv: toCsv, ndjson: toNdjson };

const header = ['id', 'at', 'actor', 'actor_name', 'action', 'account', 'account_email', 'client', 'detail'];

/** RFC 4180, with a header; `detail` is JSON. */
async function* toCsv(batches: AsyncIterable<AuditRecord[]>): AsyncGenerator<string> {
  yield line(header);
  for await (const rows of batches) yield rows.map((row) => line(cellsOf(row))).join('');
}

async function* toNdjson(batches: AsyncIterable<AuditRecord[]>): AsyncGenerator<string> {
  for await (const rows of batches) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function cellsOf({ id, at, actor, action, account, clientId, detail }: AuditRecord): (string | null)[] {
  return [
    id,
    at.toISOString(),
    actor?.id ?? null,
    actor?.name ?? null,
    action,
    account?.id ?? null,
    account?.email ?? null,
    clientId,
    JSON.stringify(detail),
  ];
}

function line(cells: (string | null)[]): string {
  return `${cells.map((cell) => `"${inert(cell ?? '').replaceAll('"', '""')}"`).join(',')}\r\n`;
}

/** A spreadsheet takes what begins like this for a formula, and people choose their own names (OWASP: CSV injection). */
function inert(cell: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
}
