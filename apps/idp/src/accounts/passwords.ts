import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';

import { AppError } from '@portcullis/http';
import argon2 from 'argon2';

import { createGate } from './gate.ts';
import { argon2Parameters, parseHash } from './hash-formats.ts';

export type HashParameters = { memoryKiB: number; passes: number; lanes: number };

/** OWASP's first recommendation, and the floor of R-43. */
const recommended: HashParameters = { memoryKiB: 19_456, passes: 2, lanes: 1 };

/** In UTF-8, after NFKC. */
export const maxPasswordBytes = 1024;

/** Of libuv, unless UV_THREADPOOL_SIZE says otherwise. */
const usualThreads = 4;
const threadsForSigning = 2;

export type Passwords = ReturnType<typeof createPasswords>;

/**
 * How many hashes may be worked on at once. They share libuv's threads with signatures, so two of those stay free:
 * otherwise a flood of sign-ins stalls every token request. More than there are cores would all take longer.
 */
export function hashesAtOnce(threads: number, cores = availableParallelism()): number {
  return Math.max(1, Math.min(cores, threads - threadsForSigning));
}

/** argon2id for our own hashes, every imported format for verification; all work passes one gate per node. */
export function createPasswords(o: { parameters?: HashParameters; maxInFlight?: number; maxQueued?: number } = {}) {
  const { parameters = recommended, maxInFlight = hashesAtOnce(usualThreads) } = o;
  const gate = createGate({ ...o, maxInFlight });
  const nobodysHash = impossibleHash(parameters);

  return { hash, verify, needsRehash, refuseWhenBusy: gate.refuseWhenFull };

  async function hash(password: string): Promise<string> {
    const bytes = encode(password);
    if (!bytes) throw new AppError('invalid', 'password_too_long', 'That password is too long.');
    return gate.run(() =>
      argon2.hash(bytes, {
        type: argon2.argon2id,
        memoryCost: parameters.memoryKiB,
        timeCost: parameters.passes,
        parallelism: parameters.lanes,
      }),
    );
  }

  /** Without a hash (unknown account, no password) the same work is done, and the answer is false. */
  async function verify(stored: string | null | undefined, password: string): Promise<boolean> {
    const bytes = encode(password);
    if (!bytes) return false;
    const known = parseHash(stored ?? nobodysHash) ?? parseHash(nobodysHash);
    if (!known) throw new Error('the hash that nobody has must parse');
    return gate.run(async () => {
      if (await known.matches(bytes)) return true;
      // Systems we import from mostly hashed what was typed, without NFKC.
      const typed = Buffer.from(password);
      return stored && needsRehash(stored) && !typed.equals(bytes) ? known.matches(typed) : false;
    });
  }

  /** True for a foreign hash and for one of ours made with smaller parameters: rehash at the next right password. */
  function needsRehash(stored: string): boolean {
    const own = argon2Parameters(stored);
    if (own?.kind !== 'argon2id' || own.version !== 19) return true;
    return own.memoryKiB < parameters.memoryKiB || own.passes < parameters.passes || own.lanes < parameters.lanes;
  }
}

/** NFKC, then byte for byte; undefined past the cap, so that nobody makes us hash a megabyte. */
function encode(password: string): Buffer | undefined {
  if (password.length > maxPasswordBytes) return undefined;
  const bytes = Buffer.from(password.normalize('NFKC'));
  return bytes.length > maxPasswordBytes ? undefined : bytes;
}

/** A hash of no password, with our parameters: verifying against it costs what a real one costs. */
function impossibleHash({ memoryKiB, passes, lanes }: HashParameters): string {
  const base64 = (bytes: number): string => randomBytes(bytes).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${base64(16)}$${base64(32)}`;
}
