import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';

import { unique } from '@portcullis/testing';
import bcrypt from 'bcryptjs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { importAccounts } from './import.ts';
import type { ImportFormat } from './import-rows.ts';
import { type House, openHouse, rightPassword } from './test/house.ts';

let house: House;
let folder: string;
beforeAll(async () => {
  house = await openHouse();
  folder = await mkdtemp(join(tmpdir(), 'portcullis-import-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await house[Symbol.asyncDispose]();
});

async function importing(content: string, o: { format?: ImportFormat; onProgress?: () => void } = {}) {
  const file = join(folder, unique('accounts'));
  await writeFile(file, content);
  const told: string[] = [];
  const rejects = new Writable({
    write: (chunk, _encoding, done) => {
      told.push(String(chunk));
      done();
    },
  });
  const { format = 'csv', ...rest } = o;
  const run = (more: { onProgress?: () => void } = rest) =>
    importAccounts({ file, format, pool: house.pool, rejects, batchSize: 10, ...more });
  const rejections = () =>
    told
      .join('')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { line: number; reason: string });
  return { run, rejections };
}

test('a person of another system signs in with the old password, id, name, roles and all', async () => {
  const email = `${unique('Imported')}@example.org`;
  const id = 'b5a1c9c2-7f6c-4a54-9f3a-2f6f1d3d9b11';
  const hash = await bcrypt.hash(rightPassword, 4);
  const { run } = await importing(
    [
      'email,id,name,email_verified,password_hash,roles,created_at',
      `${email},${id},"Keep, Mara",true,${hash},analyst moderator,2020-02-03T04:05:06Z`,
    ].join('\r\n'),
  );

  expect(await run()).toEqual({ linesDone: 2, imported: 1, rejected: 0 });

  const { accounts, lookup } = await house.node();
  const credentials = { email, password: rightPassword, address: '192.0.2.1', clientId: 'shop' };
  expect(await accounts.signIn(house.em(), credentials)).toMatchObject({
    ok: true,
    person: { id, email },
    checkedAt: expect.any(Date),
  });
  const roles = ['analyst', 'moderator'];
  expect(await lookup.forTokens(id)).toEqual({
    id,
    email,
    emailVerified: true,
    name: 'Keep, Mara',
    roles,
    bannedFrom: [],
    locale: null,
    picture: null,
  });
});

test('NDJSON says the same in its own way', async () => {
  const email = `${unique('imported')}@example.org`;
  const { run } = await importing(
    `${JSON.stringify({ email, email_verified: true, roles: ['analyst'] })}\n\n{"email":`,
    {
      format: 'ndjson',
    },
  );

  expect(await run()).toEqual({ linesDone: 3, imported: 1, rejected: 1 });
});

test('every line that becomes no account is told with its number and reason, and stops nothing', async () => {
  const taken = await house.person();
  const good = `${unique('good')}@example.org`;
  const { run, rejections } = await importing(
    [
      'email,name,password_hash',
      `${good},Good,`,
      'not-an-address,Bad,',
      `x-${good},Plain,hunter2`,
      `y-${good},Too,many,cells`,
      `${taken.email.toUpperCase()},Taken,`,
      `${good.toUpperCase()},Twice,`,
      `z-${good},Good,`,
    ].join('\n'),
  );

  expect(await run()).toEqual({ linesDone: 8, imported: 2, rejected: 5 });

  expect(rejections()).toEqual([
    { line: 3, reason: 'email: not an e-mail address' },
    { line: 4, reason: 'password_hash: not an argon2, bcrypt, scrypt or PBKDF2 hash we can check' },
    { line: 5, reason: 'as many cells as columns are needed' },
    { line: 6, reason: 'this account exists already' },
    { line: 7, reason: 'this account exists already' },
  ]);
});

test('R-64: a column nobody knows is told on every line instead of being lost', async () => {
  const { run, rejections } = await importing('email,passwordhash\nsomebody@example.org,x');

  expect(await run()).toMatchObject({ imported: 0, rejected: 1 });
  expect(rejections()[0]?.reason).toContain('passwordhash');
});

test('A-18: a hash that would cost too much to check is not taken in', async () => {
  const { run } = await importing(
    `email,password_hash\n${unique('a')}@example.org,"$argon2id$v=19$m=9999999,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"`,
  );

  expect(await run()).toMatchObject({ imported: 0, rejected: 1 });
});

test('an import that was cut off goes on where it stopped, and a finished one does nothing', async () => {
  const prefix = unique('resumed');
  const lines = Array.from({ length: 95 }, (_, i) => (i % 10 === 3 ? 'no-address' : `${prefix}-${i}@example.org`));
  let batches = 0;
  const cut = () => {
    batches += 1;
    if (batches === 4) throw new Error('power cut');
  };
  const { run, rejections } = await importing(['email', ...lines].join('\n'));

  await expect(run({ onProgress: cut })).rejects.toThrow('power cut');
  expect(await countOf(prefix)).toBe(36);
  const progress: number[] = [];
  expect(await run({ onProgress: () => progress.push(1) })).toEqual({ linesDone: 96, imported: 85, rejected: 10 });
  expect(progress).toHaveLength(6);
  expect(await run()).toEqual({ linesDone: 96, imported: 85, rejected: 10 });

  expect(await countOf(prefix)).toBe(85);
  expect(rejections().map(({ line }) => line)).toEqual([5, 15, 25, 35, 45, 55, 65, 75, 85, 95]);
});

test('one file is not imported twice at the same time', async () => {
  const file = join(folder, unique('accounts'));
  await writeFile(file, 'email\nno-address');
  const input = { file, format: 'csv' as const, pool: house.pool };
  let meanwhile: unknown;
  // The first import waits for this report to be written, and so is still running.
  const rejects = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => {
      void importAccounts({ ...input, rejects: new Writable() })
        .catch((error: unknown) => (meanwhile = error))
        .finally(done);
    },
  });

  expect(await importAccounts({ ...input, rejects })).toMatchObject({ rejected: 1 });
  expect(meanwhile).toMatchObject({ kind: 'conflict', code: 'import_running' });
});

test('a file that stops being CSV is refused with the line, and what came before stays', async () => {
  const prefix = unique('torn');
  const lines = Array.from({ length: 20 }, (_, i) => `${prefix}-${i}@example.org`);
  const { run } = await importing(['email', ...lines, `"${prefix}@example.org`, ...lines].join('\n'));

  await expect(run()).rejects.toMatchObject({
    code: 'import_unreadable',
    publicMessage: expect.stringContaining('After line 21 ') as unknown,
  });
  expect(await countOf(prefix)).toBe(20);
});

async function countOf(prefix: string): Promise<number> {
  const { rows } = await house.pool.query<{ count: number }>(
    `select count(*)::int as count from account where starts_with(email_normalized, $1)`,
    [prefix],
  );
  return Number(rows[0]?.count);
}
