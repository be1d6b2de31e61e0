import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { AppError } from '@portcullis/http';
import type { Pool, PoolClient } from 'pg';

import { normalizeEmail } from './email.ts';
import { type ImportFormat, type ImportLine, importLines, type ImportRow } from './import-rows.ts';

export type ImportProgress = {
  /** Lines of the file dealt with, those of earlier runs included. */
  linesDone: number;
  imported: number;
  rejected: number;
};

export type ImportInput = {
  file: string;
  /** `csv`: columns named in the first line. `ndjson`: one JSON object a line. Fields: email, id, name, email_verified, password_hash, roles, created_at. */
  format: ImportFormat;
  pool: Pool;
  /** Gets one JSON object a line, `{"line":7,"reason":"…"}`, for each line that became no account. */
  rejects: Writable;
  onProgress?: (progress: ImportProgress) => void;
  batchSize?: number;
};

/**
 * Imports accounts from a file of any length. Existing accounts are never changed: a line whose e-mail or id is taken is rejected.
 * Each batch and the note how far it came are one transaction, so after any interruption the same call goes on where it
 * stopped; a finished file is not imported twice. A changed file counts as another file.
 * Password hashes stay as they are and become ours when their owners sign in. Until then a wrong password for such an
 * account takes as long as its own kind of hash: by time it can be told that somebody has an account from elsewhere.
 * Throws AppError 'conflict' while the same file is being imported elsewhere.
 */
export async function importAccounts(input: ImportInput): Promise<ImportProgress> {
  const file = await fingerprint(input.file);
  const client = await input.pool.connect();
  try {
    await claim(client, file);
    return await importFrom(client, file, input);
  } finally {
    client.release(true); // closing the connection gives the claim up, whatever state it is in
  }
}

async function importFrom(client: PoolClient, file: string, input: ImportInput): Promise<ImportProgress> {
  const { batchSize = 2000, rejects, onProgress } = input;
  let progress = await earlierProgress(client, file);
  const skip = progress.linesDone;
  let batch: ImportLine[] = [];
  for await (const line of importLines(input.file, input.format)) {
    if (line.line <= skip) continue;
    batch.push(line);
    if (batch.length >= batchSize) await settle();
  }
  await settle();
  return progress;

  async function settle(): Promise<void> {
    const last = batch.at(-1);
    if (!last) return;
    await client.query('begin');
    const rejected = [...rejectedOf(batch), ...(await insert(client, batch))].toSorted((a, b) => a.line - b.line);
    // Reported before the commit: after a crash between the two a rejection is told twice, never not at all.
    await report(rejects, rejected);
    progress = {
      linesDone: last.line,
      imported: progress.imported + batch.length - rejected.length,
      rejected: progress.rejected + rejected.length,
    };
    await client.query(
      `insert into account_import (file, lines_done, imported, rejected, updated_at) values ($1, $2, $3, $4, now())
       on conflict (file) do update set lines_done = excluded.lines_done, imported = excluded.imported,
         rejected = excluded.rejected, updated_at = excluded.updated_at`,
      [file, progress.linesDone, progress.imported, progress.rejected],
    );
    await client.query('commit');
    batch = [];
    onProgress?.(progress);
  }
}

type Rejection = { line: number; reason: string };

function rejectedOf(batch: ImportLine[]): Rejection[] {
  return batch.flatMap((entry) => ('rejected' in entry ? [{ line: entry.line, reason: entry.rejected }] : []));
}

/** Inserts what is an account, and returns the lines whose account existed before or stands twice in the batch. */
async function insert(client: PoolClient, batch: ImportLine[]): Promise<Rejection[]> {
  const rows = batch.flatMap((entry) => ('row' in entry ? [{ line: entry.line, ...record(entry.row) }] : []));
  const { rows: inserted } = await client.query<{ id: string }>(insertSql, [JSON.stringify(rows)]);
  const ids = new Set(inserted.map(({ id }) => id));
  // Delete, not has: of two lines with one id the first became the account.
  return rows.filter(({ id }) => !ids.delete(id)).map(({ line }) => ({ line, reason: 'this account exists already' }));
}

const insertSql = `
  insert into account (id, email, email_normalized, email_verified, name, password_hash, roles, created_at)
  select id, email, email_normalized, email_verified, name, password_hash, roles, coalesce(created_at, now())
  from json_to_recordset($1::json) as line (id uuid, email text, email_normalized text, email_verified boolean,
    name text, password_hash text, roles text[], created_at timestamptz)
  on conflict do nothing
  returning id`;

function record(row: ImportRow) {
  return { ...row, id: row.id?.toLowerCase() ?? randomUUID(), email_normalized: normalizeEmail(row.email) };
}

async function report(rejects: Writable, rejected: Rejection[]): Promise<void> {
  if (rejected.length === 0) return;
  const text = rejected.map((rejection) => `${JSON.stringify(rejection)}\n`).join('');
  if (!rejects.write(text)) await once(rejects, 'drain');
}

async function earlierProgress(client: PoolClient, file: string): Promise<ImportProgress> {
  const { rows } = await client.query<Record<keyof ImportProgress, string>>(
    'select lines_done as "linesDone", imported, rejected from account_import where file = $1',
    [file],
  );
  const [earlier] = rows;
  if (!earlier) return { linesDone: 0, imported: 0, rejected: 0 };
  return {
    linesDone: Number(earlier.linesDone),
    imported: Number(earlier.imported),
    rejected: Number(earlier.rejected),
  };
}

async function claim(client: PoolClient, file: string): Promise<void> {
  const { rows } = await client.query<{ free: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as free',
    [file],
  );
  if (rows[0]?.free) return;
  throw new AppError('conflict', 'import_running', 'This file is being imported already.');
}

async function fingerprint(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
