import type { Redis } from 'ioredis';
import type { Proof } from './assurance.ts';
import type { Attempt, Progress } from './steps.ts';

/** As long as the interaction it belongs to. */
const lifeSeconds = 600;

/** Writes a fact down, if the attempt it was shown for is still the one under way. */
const addScript = `
  if redis.call('hget', KEYS[1], 'id') ~= ARGV[1] then return 0 end
  redis.call('hset', KEYS[1], ARGV[2], ARGV[3])
  return 1`;

export type ProgressStore = ReturnType<typeof createProgressStore>;

/**
 * The progress of each sign-in, kept here and not in the browser: the browser shows nothing but the uid, and that counts
 * only together with the cookie of the interaction. Every change is one atomic step.
 */
export function createProgressStore(redis: Redis) {
  return { read, choose, begin, add, keepCodes, codesKept, end };

  async function read(uid: string): Promise<Progress> {
    const { chosen, id, account, since, remember, carried, codes, ...rest } = await redis.hgetall(keyOf(uid));
    if (id === undefined || account === undefined) return { chosen };
    const proofs = Object.keys(rest).filter((field) => field.startsWith('proof:'));
    return {
      chosen,
      attempt: {
        id,
        accountId: account,
        proofs: proofs.map((field) => field.slice('proof:'.length) as Proof),
        since: new Date(Number(since)),
        remember: remember === 'yes',
        carriedFrom: carried,
        newCodes: codes || undefined,
      },
    };
  }

  /** Begins anew, with the account that was picked. */
  async function choose(uid: string, email: string): Promise<void> {
    await replace(uid, { chosen: email });
  }

  /** Whatever was shown before, by whomever, no longer counts. */
  async function begin(uid: string, { id, accountId, proofs, since, remember, carriedFrom }: Attempt): Promise<void> {
    await replace(uid, {
      id,
      account: accountId,
      since: String(since.getTime()),
      remember: remember ? 'yes' : 'no',
      ...(carriedFrom !== undefined && { carried: carriedFrom }),
      ...Object.fromEntries(proofs.map((proof) => [`proof:${proof}`, String(since.getTime())])),
    });
  }

  /** False: another attempt has begun meanwhile, for which it was not shown. */
  function add(uid: string, attempt: Attempt, proof: Proof, at: Date): Promise<boolean> {
    return write(uid, attempt, `proof:${proof}`, String(at.getTime()));
  }

  /** `sealed`: what is shown until the person has kept it. */
  function keepCodes(uid: string, attempt: Attempt, sealed: string): Promise<boolean> {
    return write(uid, attempt, 'codes', sealed);
  }

  function codesKept(uid: string, attempt: Attempt): Promise<boolean> {
    return write(uid, attempt, 'codes', '');
  }

  async function end(uid: string): Promise<void> {
    await redis.del(keyOf(uid));
  }

  async function write(uid: string, attempt: Attempt, field: string, value: string): Promise<boolean> {
    return (await redis.eval(addScript, 1, keyOf(uid), attempt.id, field, value)) === 1;
  }

  async function replace(uid: string, fields: Record<string, string>): Promise<void> {
    const key = keyOf(uid);
    await redis.multi().del(key).hset(key, fields).expire(key, lifeSeconds).exec();
  }
}

function keyOf(uid: string): string {
  return `portcullis:sign-in:${uid}`;
}
