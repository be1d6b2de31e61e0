import { randomUUID } from 'node:crypto';
import { createVerifier } from '@portcullis/resource-server';
import { createMirror, createPublisher, redisSource, type Revocation } from '@portcullis/revocation';
import type { TestRedis } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { resource } from './contestants.ts';
import type { Issuer } from './issuer.ts';

/** Throws unless the token is good. */
export type Check = (token: string) => Promise<void>;
export type Checks = {
  /** Signature and claims by jose, nothing asked about revocation. */
  jose: Check;
  /** What is usually done: the same, then one question to Redis. */
  joseAndRedis: Check;
  /** A verifier of ours that has seen no token yet. */
  freshVerifier: () => Promise<Check>;
} & AsyncDisposable;

/** The ways of checking a token, over one Redis that holds `entries` revocations in the form each of them needs. */
export async function prepareChecks(issuer: Issuer, redis: TestRedis, entries: number): Promise<Checks> {
  await using opened = new AsyncDisposableStack();
  const client = opened.adopt(new Redis(redis.url), (it) => it.disconnect());
  const dead = Array.from({ length: entries }, () => randomUUID());
  await createPublisher(client).rebuild(dead.map(revocationOf), entries);
  for (let i = 0; i < dead.length; i += 1_000) {
    const pipeline = client.pipeline();
    for (const jti of dead.slice(i, i + 1_000)) pipeline.set(revokedKey(jti), '1', 'EX', 3_600);
    await pipeline.exec();
  }
  const mirror = opened.use(
    createMirror({ source: redisSource({ url: redis.url }), app: 'bench', instance: 'verify' }),
  );
  await mirror.ready();
  const keys = createRemoteJWKSet(issuer.jwks);
  const wanted = { issuer: issuer.url, audience: resource, typ: 'at+jwt', algorithms: ['ES256'] };

  const jose: Check = async (token) => void (await jwtVerify(token, keys, wanted));
  const joseAndRedis: Check = async (token) => {
    const { payload } = await jwtVerify(token, keys, wanted);
    if ((await client.exists(revokedKey(payload.jti ?? ''))) === 1) throw new Error('revoked');
  };
  const freshVerifier = async (): Promise<Check> => {
    const verifier = createVerifier({ issuer: issuer.url, audience: resource, mirror });
    await verifier.ready();
    return async (token) => {
      const verification = await verifier.verify(token);
      if (!verification.ok) throw new Error(verification.description);
    };
  };

  await proveRefusals(issuer, dead.at(-1), [joseAndRedis, await freshVerifier()]);
  const owned = opened.move();
  return { jose, joseAndRedis, freshVerifier, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A check that lets a dead token through would be fast for the wrong reason. */
async function proveRefusals(issuer: Issuer, deadJti: string | undefined, checks: Check[]): Promise<void> {
  const alive = await issuer.sign();
  const dead = await issuer.sign(deadJti);
  for (const check of checks) {
    await check(alive);
    const refused = await check(dead).then(
      () => false,
      () => true,
    );
    if (!refused) throw new Error('a revoked token was accepted');
  }
}

function revocationOf(jti: string, index: number): Revocation {
  const now = Date.now();
  return {
    id: randomUUID(),
    seq: index + 1,
    target: { kind: 'token', jti },
    issuedBefore: null,
    cause: 'sign_out',
    recordedAt: now,
    expiresAt: Math.floor(now / 1_000) + 3_600,
  };
}

function revokedKey(jti: string): string {
  return `revoked:${jti}`;
}
