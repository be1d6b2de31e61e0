import { randomUUID } from 'node:crypto';
import type { Revocation, TokenClaims, Verdict } from '@portcullis/revocation';
import { eventually } from '@portcullis/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { audience, keyPair, startIssuer } from './test-issuer.ts';
import { createVerifier } from './verifier.ts';

const entry: Revocation = {
  id: 'r1',
  seq: 1,
  target: { kind: 'account', sub: 'alice' },
  issuedBefore: null,
  cause: 'ban',
  recordedAt: 0,
  expiresAt: null,
};

async function bench(over: Partial<Parameters<typeof createVerifier>[0]> = {}) {
  const issuer = await startIssuer();
  onTestFinished(() => issuer[Symbol.asyncDispose]());
  const says: { verdict: Verdict } = { verdict: { state: 'clear' } };
  const check = vi.fn<(claims: TokenClaims) => Verdict>(() => says.verdict);
  const verifier = createVerifier({ issuer: issuer.url, audience, mirror: { check }, ...over });
  return { issuer, verifier, check, says };
}

/** Only the calendar stands still; timers and performance.now go on. */
function clock() {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  return { forward: (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000) };
}

test('a good token is accepted with its claims, which nobody can change for the next request', async () => {
  const { issuer, verifier } = await bench();
  const token = await issuer.token();

  const first = await verifier.verify(token);

  expect(first).toMatchObject({ ok: true, token: { sub: 'alice', client_id: 'shop', roles: ['analyst'] } });
  expect(first.ok && Object.isFrozen(first.token) && Object.isFrozen(first.token.roles)).toBe(true);
});

test('R-56 the denylist is asked on every request, also for a token seen before', async () => {
  const { issuer, verifier, check, says } = await bench();
  const token = await issuer.token({ sub: 'alice', jti: 'j' });
  await verifier.verify(token);
  await verifier.verify(token);
  expect(check).toHaveBeenCalledTimes(2);
  expect(check).toHaveBeenLastCalledWith(expect.objectContaining({ sub: 'alice', jti: 'j', client_id: 'shop' }));

  says.verdict = { state: 'revoked', entry };

  expect(await verifier.verify(token)).toMatchObject({ ok: false, status: 401, revocation: entry });
});

test('R-53 expiry is looked at on every request, with 15 seconds of tolerance', async () => {
  const time = clock();
  const { issuer, verifier } = await bench();
  const token = await issuer.token();
  await verifier.verify(token);

  time.forward(300 + 14);
  expect(await verifier.verify(token)).toMatchObject({ ok: true });
  time.forward(2);
  expect(await verifier.verify(token)).toMatchObject({ ok: false, status: 401, description: 'the token has expired' });
});

test('R-53 F-14 a token from the future says that a clock is off, and no setting tolerates more than a minute', async () => {
  const { issuer, verifier } = await bench({ clockToleranceSeconds: 3600 });
  const now = Math.floor(Date.now() / 1000);

  const result = await verifier.verify(await issuer.token({ iat: now + 90, exp: now + 400 }));

  expect(result).toMatchObject({ ok: false, description: expect.stringContaining('clock') });
});

test('F-15 a key that left the set is refused within the age limit, also for a token seen before', async () => {
  const { issuer, verifier } = await bench({ jwksMaxAgeMs: 300 });
  const token = await issuer.token();
  expect(await verifier.verify(token)).toMatchObject({ ok: true });

  issuer.state.keys = [await keyPair('key-2')];

  const refused = await eventually(async () => !(await verifier.verify(token)).ok, { withinMs: 1000 });
  expect(refused).toBe(true);
});

test('F-15 another key under the same kid does not inherit the tokens of the first', async () => {
  const { issuer, verifier } = await bench({ jwksMaxAgeMs: 300 });
  const token = await issuer.token();
  expect(await verifier.verify(token)).toMatchObject({ ok: true });

  issuer.state.keys = [await keyPair('key-1')];

  const refused = await eventually(async () => !(await verifier.verify(token)).ok, { withinMs: 1000 });
  expect(refused).toBe(true);
});

test('F-15 a token of a new key is accepted after one fetch, without waiting for the old set to age', async () => {
  const { issuer, verifier } = await bench({ jwksMaxAgeMs: 2000 });
  await verifier.verify(await issuer.token());
  const next = await keyPair('key-2');
  issuer.state.keys = [...issuer.state.keys, next];
  const token = await issuer.token({}, {}, next);

  const accepted = await eventually(async () => (await verifier.verify(token)).ok, { withinMs: 1500 });

  expect(accepted).toBe(true);
  expect(issuer.state.jwksFetches).toBe(2);
});

test('F-16 a storm of unknown kids costs one fetch in half a minute', async () => {
  const { issuer, verifier } = await bench();
  await verifier.verify(await issuer.token());
  const stranger = await keyPair('x');
  const storm = await Promise.all(Array.from({ length: 300 }, () => issuer.token({}, { kid: randomUUID() }, stranger)));

  const results = await Promise.all(storm.map((token) => verifier.verify(token)));

  expect(results.every((result) => !result.ok && result.status === 401)).toBe(true);
  expect(issuer.state.jwksFetches).toBe(1);
});

test('F-16 a storm against an issuer that answers errors does not hammer it either', async () => {
  const { issuer, verifier } = await bench({ jwksMaxAgeMs: 1000 });
  const good = await issuer.token();
  await verifier.verify(good);
  issuer.state.status = 503;
  const stranger = await keyPair('x');
  const begun = performance.now();

  while (performance.now() - begun < 1600) {
    await verifier.verify(await issuer.token({}, { kid: randomUUID() }, stranger));
  }

  // The cooldown here is half a second (half of the age limit).
  expect(issuer.state.jwksFetches).toBeLessThanOrEqual(5);
  expect(await verifier.verify(good)).toMatchObject({ ok: true });
});

test('F-17 without keys at the start nothing is accepted and ready() fails; it recovers when the issuer comes', async () => {
  const { issuer, verifier } = await bench();
  issuer.state.status = 503;
  const token = await issuer.token();

  expect(await verifier.verify(token)).toMatchObject({ ok: false, status: 503, error: 'temporarily_unavailable' });
  await expect(verifier.ready()).rejects.toThrow('503');

  issuer.state.status = 200;
  const recovered = await eventually(async () => (await verifier.verify(token)).ok, { withinMs: 3000 });
  expect(recovered).toBe(true);
  await expect(verifier.ready()).resolves.toBeUndefined();
});

test('F-17 F-10 once loaded, the set is kept while the issuer is away', async () => {
  const { issuer, verifier } = await bench({ jwksMaxAgeMs: 100 });
  await verifier.verify(await issuer.token());
  issuer.state.status = 503;

  const before = issuer.state.jwksFetches;

  await eventually(async () => {
    expect(await verifier.verify(await issuer.token())).toMatchObject({ ok: true });
    return issuer.state.jwksFetches > before + 1;
  });

  expect(await verifier.verify(await issuer.token())).toMatchObject({ ok: true });
});

test('metadata that speaks for another issuer is not believed', async () => {
  const { issuer, verifier } = await bench();
  issuer.state.issuer = 'https://evil.example';

  expect(await verifier.verify(await issuer.token())).toMatchObject({ ok: false, status: 503 });
});

test('F-08 when the mirror does not know, introspection decides; without it the answer is 503', async () => {
  const dead = new Set<string>();
  const { issuer, verifier, says } = await bench({ introspect: async (token) => !dead.has(token) });
  const [alive, ended] = [await issuer.token(), await issuer.token()];
  dead.add(ended);
  says.verdict = { state: 'unknown', readsAllowed: false };

  expect(await verifier.verify(alive)).toMatchObject({ ok: true });
  expect(await verifier.verify(ended)).toMatchObject({ ok: false, status: 401, error: 'invalid_token' });

  const alone = createVerifier({ issuer: issuer.url, audience, mirror: { check: () => says.verdict } });
  expect(await alone.verify(alive)).toMatchObject({ ok: false, status: 503 });
});

test('F-08 nobody can be asked: 503, and reads pass only where the application opted in and its bound is not over', async () => {
  const { issuer, verifier, says } = await bench({ introspect: () => Promise.reject(new Error('down')) });
  const token = await issuer.token();

  says.verdict = { state: 'unknown', readsAllowed: false };
  expect(await verifier.verify(token, { reading: true })).toMatchObject({ ok: false, status: 503 });

  says.verdict = { state: 'unknown', readsAllowed: true };
  expect(await verifier.verify(token, { reading: true })).toMatchObject({ ok: true });
  expect(await verifier.verify(token, { reading: false })).toMatchObject({ ok: false, status: 503 });
  expect(await verifier.verify(token)).toMatchObject({ ok: false, status: 503 });
});

test('F-08 what the issuer says counts for more than permission to read', async () => {
  const { issuer, verifier, says } = await bench({ introspect: async () => false });
  says.verdict = { state: 'unknown', readsAllowed: true };

  expect(await verifier.verify(await issuer.token(), { reading: true })).toMatchObject({ ok: false, status: 401 });
});

test('the memory of seen tokens is bounded', async () => {
  const { issuer, verifier, check } = await bench({ cacheSize: 2 });
  for (let i = 0; i < 5; i += 1) expect(await verifier.verify(await issuer.token())).toMatchObject({ ok: true });
  expect(check).toHaveBeenCalledTimes(5);
});
