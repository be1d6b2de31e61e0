import { hostname } from 'node:os';
import { createMirror, type Log, type MirrorStatus } from '@portcullis/revocation';
import { createGuard, type Guard } from './guard.ts';
import { createIntrospection } from './introspection.ts';
import { createVerifier } from './verifier.ts';

export type BearerOptions = {
  issuer: string;
  /** Tokens for anybody else are refused. */
  audience: string;
  /** Where word of revocations comes from: `redisSource({ url })` or `feedSource({ … })`. */
  revocations: Parameters<typeof createMirror>[0]['source'];
  /** How this API, and this process of it, are called towards whoever operates the issuer; no two processes alike. */
  app: string;
  instance?: string;
  /** The API's own registration at the issuer, which is then asked about a token when the mirror cannot say. */
  client?: { id: string; secret: string };
  /** How old the last proof may be that no revocation was missed; 5 seconds if not said. */
  maxStalenessMs?: number;
  /** What happens when the proof is older and the issuer cannot be asked: 503, or for GET and HEAD so much longer not. */
  whenStale?: { allow: 'nothing' } | { allow: 'reads'; forMs: number };
  clockToleranceSeconds?: number;
  log?: Log;
};

export type Bearer = Guard & {
  /** Resolves once tokens can be judged: keys loaded, revocations known. Part of the health of an application. */
  ready(): Promise<unknown>;
  /** The mirror's, for health pages. */
  status(): MirrorStatus;
} & AsyncDisposable;

/** The door of an API that accepts the issuer's access tokens, and refuses them from the moment they are revoked. */
export function bearer(o: BearerOptions): Bearer {
  const { issuer, audience, client, log, instance = `${hostname()}-${process.pid}` } = o;
  const mirror = createMirror({ ...o, source: o.revocations, instance });
  const introspect = client && createIntrospection({ issuer, clientId: client.id, clientSecret: client.secret, log });
  const verifier = createVerifier({ ...o, mirror, introspect });
  return {
    ...createGuard(verifier, { realm: audience }),
    ready: () => Promise.all([verifier.ready(), mirror.status().state === 'stale' || mirror.ready()]),
    status: () => mirror.status(),
    [Symbol.asyncDispose]: () => mirror[Symbol.asyncDispose](),
  };
}
