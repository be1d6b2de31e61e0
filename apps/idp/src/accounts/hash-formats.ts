import { pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';

import argon2 from 'argon2';

/** A stored hash we know how to check. `matches` takes the bytes exactly as they were hashed. */
export type StoredHash = { matches(password: Buffer): Promise<boolean> };

/**
 * Reads every hash format an account may carry: argon2, bcrypt, scrypt and PBKDF2 in PHC-like strings.
 * Undefined: unknown, malformed, or so costly that checking it would be an attack on this node.
 */
export function parseHash(stored: string): StoredHash | undefined {
  return argon2Hash(stored) ?? bcryptHash(stored) ?? scryptHash(stored) ?? pbkdf2Hash(stored);
}

const base64 = '[A-Za-z0-9+/.]+={0,2}';
const argon2Form = new RegExp(
  `^\\$(argon2(?:id|i|d))\\$(?:v=(\\d{2})\\$)?m=(\\d{1,7}),(?:t=(\\d{1,3}),p=(\\d{1,3})|p=(\\d{1,3}),t=(\\d{1,3}))\\$${base64}\\$${base64}$`,
);
const bcryptForm = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const scryptForm = new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,2}),p=(\\d{1,2})\\$(${base64})\\$(${base64})$`);
const pbkdf2Form = new RegExp(`^\\$pbkdf2(?:-(sha1|sha256|sha512))?\\$(?:i=)?(\\d{1,8})\\$(${base64})\\$(${base64})$`);

function argon2Hash(stored: string): StoredHash | undefined {
  const p = argon2Parameters(stored);
  if (!p || p.memoryKiB > 262_144 || p.memoryKiB < 8 * p.lanes) return undefined;
  if (p.passes < 1 || p.passes > 16 || p.lanes < 1 || p.lanes > 16) return undefined;
  return { matches: (password) => argon2.verify(stored, password) };
}

export type Argon2Parameters = { kind: string; version: number; memoryKiB: number; passes: number; lanes: number };

/** Implementations disagree on the order: `m=,t=,p=` or `m=,p=,t=`. */
export function argon2Parameters(stored: string): Argon2Parameters | undefined {
  const parts = argon2Form.exec(stored);
  if (!parts) return undefined;
  return {
    kind: String(parts[1]),
    version: Number(parts[2] ?? 16),
    memoryKiB: Number(parts[3]),
    passes: Number(parts[4] ?? parts[7]),
    lanes: Number(parts[5] ?? parts[6]),
  };
}

function bcryptHash(stored: string): StoredHash | undefined {
  const parts = bcryptForm.exec(stored);
  if (!parts) return undefined;
  const [cost] = numbers(parts);
  if (cost < 4 || cost > 15) return undefined;
  return { matches: (password) => bcryptInWorker(password, stored) };
}

/** `$scrypt$ln=17,r=8,p=1$salt$hash` */
function scryptHash(stored: string): StoredHash | undefined {
  const parts = scryptForm.exec(stored);
  if (!parts) return undefined;
  const [log2Cost, blockSize, parallelization] = numbers(parts);
  const cost = 2 ** log2Cost;
  const memory = 128 * cost * blockSize;
  if (cost < 2 || memory === 0 || memory > 2 ** 28 || parallelization < 1 || parallelization > 16) return undefined;
  const [salt, expected] = [bytes(parts[4]), bytes(parts[5])];
  return {
    matches: async (password) =>
      same(
        expected,
        await derive(password, salt, expected.length, {
          cost,
          blockSize,
          parallelization,
          maxmem: 2 * memory + 2 ** 20,
        }),
      ),
  };
}

/** `$pbkdf2-sha256$i=310000$salt$hash`; the form without `i=` is passlib's. */
function pbkdf2Hash(stored: string): StoredHash | undefined {
  const parts = pbkdf2Form.exec(stored);
  if (!parts) return undefined;
  const digest = parts[1] ?? 'sha1';
  const iterations = Number(parts[2]);
  if (iterations < 1 || iterations > 5_000_000) return undefined;
  const [salt, expected] = [bytes(parts[3]), bytes(parts[4])];
  return {
    matches: async (password) =>
      same(expected, await promisify(pbkdf2)(password, salt, iterations, expected.length, digest)),
  };
}

/** bcryptjs computes in JavaScript: in a thread of its own it does not hold up every other request. */
function bcryptInWorker(password: Buffer, stored: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const worker = new Worker(new URL('./bcrypt-worker.ts', import.meta.url), {
    workerData: { password: password.toString(), stored },
  });
  worker.once('message', resolve).once('error', reject);
  worker.once('exit', () => reject(new Error('the bcrypt thread ended without an answer')));
  return promise;
}

const derive = promisify<Buffer, Buffer, number, object, Buffer>(scrypt);

function same(expected: Buffer, actual: Buffer): boolean {
  return timingSafeEqual(expected, actual);
}

function bytes(text = ''): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64'); // passlib writes "." for "+"
}

function numbers(parts: RegExpExecArray): [number, number, number] {
  return [Number(parts[1]), Number(parts[2]), Number(parts[3])];
}
