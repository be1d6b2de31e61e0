import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Log } from '@portcullis/http';
import { explained } from './problems.ts';
import type { Seal } from './seal.ts';
import type { Renewal, StoredSession } from './tokens.ts';

/** How long a renewal is handed to requests that still come with the old cookie. */
const shareMs = 30_000;
/** Longer than a renewal may take, so that a holder who is still at work is not joined by another. */
const lockMs = 15_000;
const pollMs = 40;

const release = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

type Deps = {
  redisUrl: string | undefined;
  clientId: string;
  seal: Seal<Renewal>;
  log: Log;
};

export type SingleFlight = ReturnType<typeof createSingleFlight>;

/**
 * One renewal per refresh token, however many requests ask and on however many instances: presenting a refresh
 * token twice looks like theft to the provider and ends the session. The result travels through Redis encrypted.
 */
export function createSingleFlight({ redisUrl, clientId, seal, log }: Deps) {
  const flights = new Map<string, Promise<Renewal>>();
  const redis = redisUrl === undefined ? undefined : connect(redisUrl, log);
  return {
    renew,
    [Symbol.asyncDispose]: async () => redis?.disconnect(),
  };

  function renew(session: StoredSession, work: (session: StoredSession) => Promise<Renewal>): Promise<Renewal> {
    if (session.refreshToken === null) return Promise.resolve({ state: 'refused' });
    const key = createHash('sha256').update(session.refreshToken).digest('base64url');
    const flying = flights.get(key);
    if (flying) return flying;
    const flight = redis ? across(redis, key, () => work(session)) : work(session);
    flights.set(key, flight);
    const forget = () => void flights.delete(key);
    flight.then(() => setTimeout(forget, shareMs).unref(), forget);
    return flight;
  }

  async function across(db: Redis, key: string, work: () => Promise<Renewal>): Promise<Renewal> {
    const name = `{portcullis:refresh:${clientId}:${key}}`;
    const [lock, result, me] = [`${name}:lock`, `${name}:result`, randomUUID()];
    const deadline = performance.now() + lockMs;
    try {
      while (performance.now() < deadline) {
        // Asked for again under the lock: its last holder may have finished in between.
        const taken = (await db.set(lock, me, 'PX', lockMs, 'NX')) === 'OK';
        const sealed = await db.get(result);
        const known = sealed === null ? undefined : await seal.open(sealed);
        if (!known && taken) break;
        if (taken) await db.eval(release, 1, lock, me);
        if (known) return known;
        await delay(pollMs);
      }
    } catch (error) {
      // Without Redis this instance still flies once; that two instances meet on one token just then is accepted.
      log.warn({ err: error }, 'refresh: no lock across instances, Redis does not answer');
    }
    if (performance.now() >= deadline)
      throw explained('provider_unreachable', new Error('another instance never finished'));
    return fly(db, { lock, result, me }, work);
  }

  async function fly(
    db: Redis,
    { lock, result, me }: { lock: string; result: string; me: string },
    work: () => Promise<Renewal>,
  ): Promise<Renewal> {
    const note = (error: unknown) => log.warn({ err: error }, 'refresh: the result could not be handed on');
    try {
      const renewal = await work();
      await db.set(result, await seal.seal(renewal, shareMs / 1000), 'PX', shareMs).catch(note);
      return renewal;
    } finally {
      await db.eval(release, 1, lock, me).catch(note);
    }
  }
}

function connect(url: string, log: Log): Redis {
  const redis = new Redis(url, {
    connectionName: 'portcullis-refresh',
    // A person waits for this: better to go on alone than to hang on a Redis that does not answer (F-05).
    commandTimeout: 500,
    connectTimeout: 1000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 4), 1000) * (0.5 + Math.random() / 2),
  });
  redis.on('error', (error: Error) => log.debug({ err: error }, 'refresh: Redis'));
  return redis;
}
