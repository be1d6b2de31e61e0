import { createReadStream, type ReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

import { AppError } from '@portcullis/http';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';

import { isEmail, normalizeEmail } from './email.ts';
import { maxEmailLength } from './entity.ts';
import { parseHash } from './hash-formats.ts';

export type ImportFormat = 'csv' | 'ndjson';

/** One account of a file, ready for the table. */
export type ImportRow = z.output<typeof Row>;

/** One line of a file: an account, or why it is none. */
export type ImportLine = { line: number } & ({ row: ImportRow } | { rejected: string });

const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true', '1'], falsy: ['false', '0'] })]);
const role = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, 'a role is lower-case letters, digits, - and _');

/** What a line may say. Anything else is refused, so that a misspelt column is not silently lost. */
const Row = z
  .strictObject({
    email: z
      .string()
      .trim()
      .max(maxEmailLength)
      .refine((email) => isEmail(normalizeEmail(email)), 'not an e-mail address'),
    /** Keeps the id an account had elsewhere, and with it the `sub` applications know. */
    id: z.uuid().optional(),
    name: z.string().trim().max(255).default(''),
    email_verified: flag.default(false),
    password_hash: z
      .string()
      .refine((hash) => parseHash(hash) !== undefined, 'not an argon2, bcrypt, scrypt or PBKDF2 hash we can check')
      .optional(),
    roles: z.union([z.array(role), z.string().transform(words).pipe(z.array(role))]).default([]),
    created_at: z.union([z.iso.datetime({ offset: true }), z.iso.date()]).optional(),
  })
  .refine((row) => !JSON.stringify(row).includes(String.raw`\u0000`), 'holds a character that no text may hold');

/** Reads a file line by line without ever holding more than a few of them. */
export async function* importLines(file: string, format: ImportFormat): AsyncGenerator<ImportLine> {
  const stream = createReadStream(file);
  try {
    yield* format === 'csv' ? csvLines(stream) : ndjsonLines(stream);
  } finally {
    stream.destroy();
  }
}

type CsvRecord = { record: Record<string, string>; info: { lines: number } };

/** The first line names the columns; an empty cell means that nothing is said. */
async function* csvLines(stream: ReadStream): AsyncGenerator<ImportLine> {
  const malformed: ImportLine[] = [];
  let lastGood = 1;
  const parser = parse({
    bom: true,
    columns: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: 64 * 1024,
  });
  parser.on('skip', (error: CsvError) => {
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') parser.emit('error', error);
    else malformed.push({ line: Number(error['lines']), rejected: csvReason(error) });
  });
  stream.once('error', (error) => parser.destroy(error)).pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      while ((malformed[0]?.line ?? Infinity) < info.lines) yield* malformed.splice(0, 1);
      lastGood = info.lines;
      yield checked(info.lines, Object.fromEntries(Object.entries(record).filter(([, cell]) => cell !== '')));
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const text = `After line ${lastGood} a quote opens that never closes, or the file is not CSV (${error.code}).`;
    throw new AppError('invalid', 'import_unreadable', text);
  }
  yield* malformed;
}

async function* ndjsonLines(stream: ReadStream): AsyncGenerator<ImportLine> {
  let line = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
    line += 1;
    if (text.trim() !== '') yield parsed(line, text);
  }
}

function parsed(line: number, text: string): ImportLine {
  try {
    return checked(line, JSON.parse(text));
  } catch {
    return { line, rejected: 'not JSON' };
  }
}

function checked(line: number, value: unknown): ImportLine {
  const row = Row.safeParse(value);
  if (row.success) return { line, row: row.data };
  const reasons = row.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  return { line, rejected: reasons.join('; ') };
}

/** csv-parse repeats the line in its message; a report should not hold passwords' hashes. */
function csvReason(error: CsvError): string {
  return error.code === 'CSV_RECORD_INCONSISTENT_COLUMNS' ? 'as many cells as columns are needed' : String(error.code);
}

function words(text: string): string[] {
  return text.split(/[\s;,]+/).filter(Boolean);
}
