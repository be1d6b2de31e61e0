import { verify as verifySignature, type KeyObject } from 'node:crypto';
import type { Mirror, Revocation } from '@portcullis/revocation';
import { LRUCache } from 'lru-cache';
import type { Introspect } from './introspection.ts';
import { createSigningKeys } from './signing-keys.ts';
import { readClaims, readSigned, type AccessToken } from './token.ts';

export type Verification =
  | { ok: true; token: AccessToken }
  | {
      ok: false;
      status: 401 | 503;
      error: 'invalid_token' | 'temporarily_unavailable';
      description: string;
      revocation?: Revocation;
    };

export type Verifier = {
  /** `reading`: the request changes nothing, so that an application may have it served when nobody can be asked. */
  verify(token: string, how?: { reading?: boolean }): Promise<Verification>;
  /** Resolves once the issuer's keys are there: an application that cannot check signatures is not ready (F-17). */
  ready(): Promise<void>;
};

/** A token whose signature and claims are good for ever, with what has to be looked at again. */
type Known = { token: AccessToken; kid: string; key: KeyObject; accepted: Promise<Verification> };

/**
 * Checks access tokens. The order: signature and fixed claims (once per token, remembered), then on every call the
 * key (is it still published?), the times, the denylist. A token seen before costs a few look-ups and no allocation.
 */
export function createVerifier(o: {
  issuer: string;
  audience: string;
  /** Asked about every token; its word that the issuer's keys changed has them loaded again at once. */
  mirror: Pick<Mirror, 'check'> & Partial<Pick<Mirror, 'onKeysChanged'>>;
  /** Asked when the mirror does not know. Throwing means that it does not know either. */
  introspect?: Introspect | undefined;
  clockToleranceSeconds?: number;
  cacheSize?: number;
  jwksMaxAgeMs?: number;
}): Verifier {
  const tolerance = Math.min(o.clockToleranceSeconds ?? 15, 60);
  const keys = createSigningKeys({ issuer: o.issuer, maxAgeMs: o.jwksMaxAgeMs ?? 60_000 });
  const seen = new LRUCache<string, Known>({ max: o.cacheSize ?? 10_000 });
  o.mirror.onKeysChanged?.(keys.renew);

  return { verify, ready: keys.loaded };

  function verify(token: string, { reading = false } = {}): Promise<Verification> {
    const known = seen.get(token);
    if (known && keys.get(known.kid) === known.key) return judge(token, known, reading);
    return verifyUnseen(token, reading);
  }

  async function verifyUnseen(token: string, reading: boolean): Promise<Verification> {
    const read = readSigned(token);
    if (typeof read === 'string') return invalid(read);
    let key: KeyObject | undefined;
    try {
      key = await keys.find(read.kid);
    } catch {
      return unavailable('the keys of the identity provider cannot be loaded');
    }
    if (!key) return invalid('the token is signed with a key that is not in use');
    const meanwhile = seen.get(token);
    if (meanwhile?.key === key) return judge(token, meanwhile, reading);
    if (!verifySignature('sha256', read.signed, { key, dsaEncoding: 'ieee-p1363' }, read.signature)) {
      return invalid('the token signature is wrong');
    }
    const claims = readClaims(read.payload, o);
    if (typeof claims === 'string') return invalid(claims);
    const accepted: Promise<Verification> = Promise.resolve(Object.freeze({ ok: true, token: claims }));
    const known: Known = { token: claims, kid: read.kid, key, accepted };
    seen.set(token, known);
    return judge(token, known, reading);
  }

  /** What may change between two requests with the same token. */
  function judge(token: string, known: Known, reading: boolean): Promise<Verification> {
    const now = Date.now() / 1000;
    const { exp, iat, nbf } = known.token;
    if (exp + tolerance <= now) return Promise.resolve(invalid('the token has expired'));
    if (iat - tolerance > now || (nbf !== undefined && nbf - tolerance > now)) {
      return Promise.resolve(invalid('the token is from the future: a clock is off'));
    }
    const verdict = o.mirror.check(known.token);
    switch (verdict.state) {
      case 'clear':
        return known.accepted;
      case 'revoked':
        return Promise.resolve({ ...invalid('the token was revoked'), revocation: verdict.entry });
      case 'unknown':
        return askIssuer(token, known, reading && verdict.readsAllowed);
    }
  }

  async function askIssuer(token: string, known: Known, mayPass: boolean): Promise<Verification> {
    const active = await o.introspect?.(token).catch(() => undefined);
    if (active ?? mayPass) return known.accepted;
    return active === false
      ? invalid('the token was revoked')
      : unavailable('whether the token was revoked cannot be found out');
  }
}

type Refusal = Extract<Verification, { ok: false }>;

function invalid(description: string): Refusal {
  return { ok: false, status: 401, error: 'invalid_token', description };
}

function unavailable(description: string): Refusal {
  return { ok: false, status: 503, error: 'temporarily_unavailable', description };
}
