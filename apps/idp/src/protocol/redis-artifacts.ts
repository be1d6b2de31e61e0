import type { Redis } from 'ioredis';
import type { AdapterPayload } from 'oidc-provider';
import { hashArtifactId } from './artifact-id.ts';

/** `won`: this caller may use the artifact, and nobody else ever. `gone`: it expired, or Redis lost it. */
export type Consumption = 'won' | 'lost' | 'gone';
export type RedisArtifacts = ReturnType<typeof createRedisArtifacts>;

/**
 * Short-lived artifacts: interactions, authorization codes, pushed requests, replay detection, opaque access tokens.
 * One key each, so that a cluster can spread them; the first character of the value says whether it was consumed.
 * Redis' own clock ends them. Losing them costs the person one retry.
 */
export function createRedisArtifacts(redis: Redis) {
  return { save, saveIfAbsent, find, consume, destroy };

  async function save(model: string, id: string, payload: AdapterPayload, ttlSeconds: number): Promise<void> {
    await redis.set(keyOf(model, id), serialize(payload), 'EX', Math.max(1, ttlSeconds));
  }

  /** False when it is there already: the second use of a `jti`. */
  async function saveIfAbsent(
    model: string,
    id: string,
    payload: AdapterPayload,
    ttlSeconds: number,
  ): Promise<boolean> {
    return (await redis.set(keyOf(model, id), serialize(payload), 'EX', Math.max(1, ttlSeconds), 'NX')) === 'OK';
  }

  async function find(model: string, id: string): Promise<AdapterPayload | undefined> {
    const value = await redis.get(keyOf(model, id));
    if (value === null) return undefined;
    const payload = JSON.parse(value.slice(1)) as AdapterPayload;
    return { ...payload, jti: id, ...(value.startsWith('1') ? { consumed: true } : undefined) };
  }

  /** Atomic: of any number of callers on any number of nodes exactly one wins. */
  async function consume(model: string, id: string): Promise<Consumption> {
    const outcome = await redis.eval(
      `local consumed = redis.call('GETRANGE', KEYS[1], 0, 0)
       if consumed == '' then return 'gone' end
       if consumed == '1' then return 'lost' end
       redis.call('SETRANGE', KEYS[1], 0, '1')
       return 'won'`,
      1,
      keyOf(model, id),
    );
    return outcome as Consumption;
  }

  async function destroy(model: string, id: string): Promise<void> {
    await redis.del(keyOf(model, id));
  }

  function keyOf(model: string, id: string): string {
    return `portcullis:artifact:${model}:${hashArtifactId(id)}`;
  }
}

function serialize({ jti: _handle, ...payload }: AdapterPayload): string {
  return `0${JSON.stringify(payload)}`;
}
