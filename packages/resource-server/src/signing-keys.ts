import { createPublicKey, type KeyObject } from 'node:crypto';
import { createRemoteJWKSet, type JWK, type RemoteJWKSet } from 'jose';
import { discover } from './metadata.ts';

/** How long the last good set is used while the issuer cannot be reached (F-17). */
const keepMs = 24 * 3_600_000;
/** Between two fetches because of a kid nobody knows (F-16), and between attempts while the issuer is away. */
const cooldownMs = 30_000;
/** Between attempts while there is no set at all. */
const firstRetryMs = 1000;
const timeoutMs = 2500;
/** When to ask after word of a change: at once, and again, as the issuer's node that answers may hear of it after us. */
const renewalsMs = [0, 700, 3000];

type Loaded = { keys: Map<string, KeyObject>; at: number };

/**
 * The issuer's ES256 keys, by kid. jose fetches the set; the keys become node KeyObjects, because the synchronous
 * verification of node:crypto does more than twice as many checks per core as WebCrypto's, and shares no threads with anyone.
 */
export function createSigningKeys({ issuer, maxAgeMs }: { issuer: string; maxAgeMs: number }) {
  let remote: RemoteJWKSet | undefined;
  let loaded: Loaded | undefined;
  let failure: { error: unknown; at: number } | undefined;
  let attemptedAt = -Infinity;
  let pending: Promise<void> | undefined;

  return { get, find, loaded: ensureLoaded, renew };

  /** From memory. undefined: ask `find`, which may fetch. Renews an ageing set in the background. */
  function get(kid: string): KeyObject | undefined {
    if (!loaded) return undefined;
    const now = performance.now();
    const age = now - loaded.at;
    if (age > maxAgeMs * 0.75) {
      if (age > keepMs || (age > maxAgeMs && !failure)) return undefined;
      if (mayFetch(now)) reload().catch(() => {});
    }
    return loaded.keys.get(kid);
  }

  /** Throws when there is no usable set, that is when nobody can say whether a signature is good. */
  async function find(kid: string): Promise<KeyObject | undefined> {
    const known = get(kid);
    if (known) return known;
    const age = loaded ? performance.now() - loaded.at : Infinity;
    if (age > maxAgeMs && mayFetch(performance.now())) await reload().catch(() => {});
    else if (performance.now() - attemptedAt > cooldown()) await reload().catch(() => {});
    else await pending?.catch(() => {});
    if (!loaded || performance.now() - loaded.at > keepMs) throw failure?.error ?? new Error('no signing keys');
    return loaded.keys.get(kid);
  }

  async function ensureLoaded(): Promise<void> {
    if (!loaded || performance.now() - loaded.at > keepMs) await find('');
  }

  /** The issuer has said that its keys changed. */
  function renew(): void {
    for (const ms of renewalsMs) setTimeout(() => void reloadAfresh().catch(() => {}), ms).unref();
  }

  /** An answer that was under way may still be the old one. */
  async function reloadAfresh(): Promise<void> {
    await pending?.catch(() => {});
    await reload();
  }

  function mayFetch(now: number): boolean {
    if (pending) return true;
    if (!failure) return true;
    return now - failure.at > (loaded ? cooldown() : firstRetryMs);
  }

  function cooldown(): number {
    return Math.min(cooldownMs, maxAgeMs / 2);
  }

  function reload(): Promise<void> {
    pending ??= load().finally(() => (pending = undefined));
    return pending;
  }

  async function load(): Promise<void> {
    const asked = performance.now();
    attemptedAt = asked;
    try {
      remote ??= await keySetOf(issuer);
      await remote.reload();
      loaded = { keys: imported(remote.jwks()?.keys ?? [], loaded?.keys), at: asked };
      failure = undefined;
    } catch (error) {
      failure = { error, at: performance.now() };
      throw error;
    }
  }
}

async function keySetOf(issuer: string): Promise<RemoteJWKSet> {
  const { jwks_uri: uri } = await discover(issuer, AbortSignal.timeout(timeoutMs));
  if (typeof uri !== 'string') throw new Error(`${issuer} names no jwks_uri`);
  return createRemoteJWKSet(new URL(uri), { timeoutDuration: timeoutMs, cacheMaxAge: Infinity });
}

/** A key that did not change stays the same object, so that what was verified with it stays verified. */
function imported(set: JWK[], before: Map<string, KeyObject> | undefined): Map<string, KeyObject> {
  const keys = new Map<string, KeyObject>();
  for (const { kty, crv, x, y, kid, use = 'sig', alg = 'ES256' } of set) {
    if (kty !== 'EC' || crv !== 'P-256' || use !== 'sig' || alg !== 'ES256') continue;
    if (kid === undefined || x === undefined || y === undefined) continue;
    try {
      const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
      const same = before?.get(kid);
      keys.set(kid, same?.equals(key) ? same : key);
    } catch {
      // A point that is not on the curve verifies nothing.
    }
  }
  return keys;
}
