import { Secret } from '@portcullis/config';
import { eventually } from '@portcullis/testing';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aSecond, encryptionKey, startIdp, type TestIdp } from '#harness.ts';
import { createSealer } from '#signing-keys/sealed.ts';
import { createSigningKeys } from '#signing-keys/service.ts';

let idp: TestIdp;
let client: string;
/** A second node over the same database. */
let second: string;
let now = new Date();
const keys = createSigningKeys({ sealer: createSealer(new Secret(encryptionKey)), now: () => now });
beforeAll(async () => {
  idp = await startIdp();
  second = await idp.node();
  client = await idp.declare({ grantTypes: ['client_credentials'] });
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

describe('signing keys', () => {
  test('are made once for both nodes: an active and a next one of each algorithm, the private part never in the clear', async () => {
    expect(await states()).toEqual({ ES256: ['active', 'next'], RS256: ['active', 'next'] });
    const rows = JSON.stringify(await idp.sql('select * from signing_key'));
    expect(rows).not.toMatch(/"d"\s*:/);
    const shown = JSON.stringify(await jwks(idp.origin));
    expect(shown).not.toMatch(/"(d|p|q|dp|dq|qi|k)"\s*:/);
    expect(await kids(second)).toEqual(await kids(idp.origin));
  });

  test('a rotation is refused while verifiers may not know the next key, unless forced (F-15)', async () => {
    await expect(keys.rotate(idp.orm.em.fork())).rejects.toThrow('next key was published just now');
    expect(await states()).toEqual({ ES256: ['active', 'next'], RS256: ['active', 'next'] });
  });

  test('rotate moves next to active to retiring, every node signs with the new key within a second, old tokens still verify', async () => {
    const verify = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`), { cacheMaxAge: 60_000 });
    const before = await accessToken(idp.origin);
    await jwtVerify(before, verify);
    const next = (await published()).find(({ alg, state }) => alg === 'ES256' && state === 'next')?.kid;

    await later(120);
    await keys.rotate(idp.orm.em.fork());
    for (const node of [idp.origin, second])
      await eventually(async () => kidOf(await accessToken(node)) === next, aSecond);

    expect(await states()).toEqual({ ES256: ['active', 'next', 'retiring'], RS256: ['active', 'next', 'retiring'] });
    expect(await kids(second)).toEqual((await published()).map(({ kid }) => kid).toSorted());
    await jwtVerify(before, verify);
    await jwtVerify(before, createRemoteJWKSet(new URL(`${second}/jwks`)));
    // The verifier has not fetched again: the key was published before it signed.
    await jwtVerify(await accessToken(second), verify);
  });

  test('a key that stopped signing a day ago is retired by the next rotation and leaves the JWKS', async () => {
    const old = (await published()).filter(({ state }) => state === 'retiring').map(({ kid }) => kid);
    expect(old).toHaveLength(2);
    await later(25 * 3600);
    await keys.rotate(idp.orm.em.fork());
    await eventually(async () => (await kids(idp.origin)).every((kid) => !old.includes(kid)), aSecond);
    expect(await states()).toMatchObject({ ES256: ['active', 'next', 'retired', 'retiring'] });
  });

  test('F-15: of tokens signed and verified all the time over three rotations none fails', async () => {
    const verify = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`), { cacheMaxAge: 60_000, cooldownDuration: 30_000 });
    const seen = new Set<string>();
    let verified = 0;
    let rotating = true;
    const loop = async (node: string): Promise<void> => {
      while (rotating) {
        const token = await accessToken(node);
        await jwtVerify(token, verify, { issuer: idp.issuer, typ: 'at+jwt' });
        seen.add(kidOf(token));
        verified += 1;
      }
    };
    const loops = [idp.origin, second].map(loop);
    for (let turn = 0; turn < 3; turn += 1) {
      // A verifier has the JWKS of a minute ago at most: here it fetches whenever it may, after the key was published.
      await later(120);
      const next = (await published()).find(({ alg, state }) => alg === 'ES256' && state === 'next')?.kid ?? '';
      await eventually(async () => {
        await verify.reload();
        return verify.jwks()?.keys.some(({ kid }) => kid === next); // each node publishes it within half a second
      });
      await keys.rotate(idp.orm.em.fork());
      await eventually(() => seen.has(next));
    }
    rotating = false;
    await Promise.all(loops);
    expect(seen.size).toBeGreaterThanOrEqual(4);
    expect(verified).toBeGreaterThan(50);
  }, 30_000);

  async function accessToken(node: string): Promise<string> {
    const fields = { grant_type: 'client_credentials', resource: 'urn:portcullis:family', scope: 'family' };
    const { body } = await idp.token(client, fields, { at: node });
    return body['access_token'] ?? '';
  }
});

test('clients: one that is added or changed on one node is so on the other within a second', async () => {
  const works = async (id: string): Promise<boolean> =>
    (await idp.token(id, { grant_type: 'client_credentials' }, { at: second })).status === 200;
  const id = await idp.declare({ grantTypes: ['client_credentials'] });
  expect(await eventually(() => works(id), aSecond)).toBe(true);
  await idp.declare({ id, grantTypes: ['authorization_code'] });
  await eventually(async () => !(await works(id)), aSecond);
});

/** States of the keys of each algorithm, in alphabetical order. */
async function states(): Promise<Record<string, string[]>> {
  const rows = await idp.sql<{ alg: string; state: string }>('select alg, state from signing_key order by alg, state');
  return Object.fromEntries(
    ['ES256', 'RS256'].map((alg) => [alg, rows.filter((key) => key.alg === alg).map(({ state }) => state)]),
  );
}

function published() {
  return keys.published(idp.orm.em.fork());
}

async function jwks(node: string): Promise<{ keys: { kid: string }[] }> {
  return (await (await fetch(`${node}/jwks`)).json()) as { keys: { kid: string }[] };
}

async function kids(node: string): Promise<string[]> {
  return (await jwks(node)).keys.map(({ kid }) => kid).toSorted();
}

function kidOf(token: string): string {
  return decodeProtectedHeader(token).kid ?? '';
}

/** The clock of whoever rotates goes on. */
async function later(seconds: number): Promise<void> {
  now = new Date(now.getTime() + seconds * 1000);
}
