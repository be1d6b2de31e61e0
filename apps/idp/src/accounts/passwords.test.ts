import { pbkdf2Sync, scryptSync } from 'node:crypto';

import argon2 from 'argon2';
import bcrypt from 'bcryptjs';
import { expect, test, vi } from 'vitest';

import { createPasswords, hashesAtOnce } from './passwords.ts';

const passwords = createPasswords();
const secret = 'correct horse battery staple';
const salt = Buffer.from('salt-salt-salt-s');
const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

test('R-43: our hashes are argon2id with 19456 KiB, 2 passes, 1 lane', async () => {
  expect(await passwords.hash(secret)).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
});

test('R-43: a hash asks to be made again when parameters have risen, not when they have fallen', async () => {
  const stored = await passwords.hash(secret);

  expect(passwords.needsRehash(stored)).toBe(false);
  expect(createPasswords({ parameters: { memoryKiB: 65_536, passes: 2, lanes: 1 } }).needsRehash(stored)).toBe(true);
  expect(createPasswords({ parameters: { memoryKiB: 8192, passes: 1, lanes: 1 } }).needsRehash(stored)).toBe(false);
});

test.each([
  ['argon2id of other parameters', () => argon2.hash(secret, { memoryCost: 1024, timeCost: 3, parallelism: 2 })],
  [
    'argon2id in another order',
    async () =>
      (await argon2.hash(secret, { memoryCost: 1024, timeCost: 2, parallelism: 1 })).replace('p=1,t=2', 't=2,p=1'),
  ],
  ['argon2i', () => argon2.hash(secret, { type: argon2.argon2i, memoryCost: 19_456, timeCost: 2, parallelism: 1 })],
  ['bcrypt', () => bcrypt.hash(secret, 4)],
  ['bcrypt of PHP', async () => (await bcrypt.hash(secret, 4)).replace('$2b$', '$2y$')],
  [
    'scrypt',
    () => `$scrypt$ln=10,r=8,p=1$${base64(salt)}$${base64(scryptSync(secret, salt, 32, { N: 1024, r: 8, p: 1 }))}`,
  ],
  ['PBKDF2', () => `$pbkdf2-sha512$i=1000$${base64(salt)}$${base64(pbkdf2Sync(secret, salt, 1000, 64, 'sha512'))}`],
  [
    "PBKDF2 in passlib's spelling",
    () =>
      `$pbkdf2-sha256$1000$${base64(salt)}$${base64(pbkdf2Sync(secret, salt, 1000, 32, 'sha256')).replaceAll('+', '.')}`,
  ],
])('a foreign hash is checked and asks to become ours: %s', async (_, make) => {
  const stored = await make();

  expect(await passwords.verify(stored, secret)).toBe(true);
  expect(await passwords.verify(stored, `${secret}!`)).toBe(false);
  expect(passwords.needsRehash(stored)).toBe(true);
});

test.each([
  ['$argon2id$v=19$m=9999999,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA'],
  ['$2b$31$abcdefghijklmnopqrstuuAbCdEfGhIjKlMnOpQrStUvWxYz01234'],
  ['$scrypt$ln=30,r=8,p=1$c2FsdA$aGFzaA'],
  ['$pbkdf2-sha256$i=99999999$c2FsdA$aGFzaA'],
  ['plain text'],
  [''],
])('A-18: a hash too costly or too strange to check matches nothing: %s', async (stored) => {
  expect(await passwords.verify(stored, secret)).toBe(false);
});

test('R-40: nothing is cut off: two passwords that differ in byte 73 differ', async () => {
  const stored = await passwords.hash(`${'a'.repeat(72)}b`);

  expect(await passwords.verify(stored, `${'a'.repeat(72)}b`)).toBe(true);
  expect(await passwords.verify(stored, `${'a'.repeat(72)}c`)).toBe(false);
  expect(await passwords.verify(stored, 'a'.repeat(72))).toBe(false);
});

test('R-40: however a keyboard composes a letter it is the same password; spaces and emoji count', async () => {
  const stored = await passwords.hash(' Zoë 🏰  gate ');

  expect(await passwords.verify(stored, ' Zoe\u0308 🏰  gate ')).toBe(true);
  expect(await passwords.verify(stored, 'Zoë 🏰  gate')).toBe(false);
  expect(await passwords.verify(stored, ' Zoë 🏰 gate ')).toBe(false);
});

test('R-40: an imported hash of what was typed, without normalisation, still opens', async () => {
  const typed = 'Zoe\u0308 at the gate';

  expect(await passwords.verify(await bcrypt.hash(typed, 4), typed)).toBe(true);
});

test('R-40: past 1024 bytes nothing is hashed', async () => {
  const verify = vi.spyOn(argon2, 'verify');
  const longest = '🏰'.repeat(256);
  const stored = await passwords.hash(longest);

  expect(await passwords.verify(stored, longest)).toBe(true);
  verify.mockClear();
  expect(await passwords.verify(stored, `${longest}x`)).toBe(false);
  expect(await passwords.verify(stored, 'x'.repeat(1_000_000))).toBe(false);
  await expect(passwords.hash(`${longest}x`)).rejects.toMatchObject({ code: 'password_too_long' });
  expect(verify).not.toHaveBeenCalled();
  verify.mockRestore();
});

test('A-02: for an account that does not exist a hash of the same parameters is computed', async () => {
  const verify = vi.spyOn(argon2, 'verify');

  expect(await passwords.verify(undefined, secret)).toBe(false);
  expect(await passwords.verify(null, secret)).toBe(false);

  expect(verify).toHaveBeenCalledTimes(2);
  expect(verify.mock.calls[0]?.[0]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$]{22}\$[^$]{43}$/);
  verify.mockRestore();
});

test('A-18: of 1000 hashes asked for at once 2 + 32 run, the rest are refused in under 10 ms, and then there is room again', async () => {
  const gated = createPasswords({ maxInFlight: 2, maxQueued: 32 });
  const served = Array.from({ length: 34 }, () => gated.verify(undefined, secret));

  const refusedAfterMs: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const started = performance.now();
    const refusal: unknown = await gated.verify(undefined, secret).catch((error: unknown) => error);
    refusedAfterMs.push(performance.now() - started);
    expect(refusal).toMatchObject({ kind: 'unavailable', code: 'sign_in_busy', retryAfterSeconds: 2 });
  }
  expect(Math.min(...refusedAfterMs)).toBeLessThan(10);

  const more = await Promise.allSettled(Array.from({ length: 961 }, () => gated.verify(undefined, secret)));
  expect(more.filter((outcome) => outcome.status === 'fulfilled')).toEqual([]);
  expect(await Promise.all(served)).toEqual(served.map(() => false));
  expect(await gated.verify(undefined, secret)).toBe(false);
});

test('A-18: on 1 to 64 cores hashes leave two of the threads to signatures, take no more than there are cores, and there is always one', () => {
  for (let cores = 1; cores <= 64; cores += 1) {
    expect(hashesAtOnce(4, cores)).toBe(Math.min(cores, 2));
    expect(hashesAtOnce(cores + 2, cores)).toBe(cores);
    expect(hashesAtOnce(1024, cores)).toBe(cores);
    expect([1, 2, 3].map((threads) => hashesAtOnce(threads, cores))).toEqual([1, 1, 1]);
  }
});

test('A-18: a hash that fails gives its place in the queue on', async () => {
  const gated = createPasswords({ maxInFlight: 1, maxQueued: 1 });
  const failing = vi.spyOn(argon2, 'verify').mockRejectedValue(new Error('out of memory'));
  await Promise.allSettled([gated.verify(undefined, secret), gated.verify(undefined, secret)]);
  failing.mockRestore();

  expect(await Promise.all([gated.verify(undefined, secret), gated.verify(undefined, secret)])).toEqual([false, false]);
});
