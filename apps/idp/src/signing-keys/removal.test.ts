import { createVerifier } from '@portcullis/resource-server';
import { createMirror, redisSource } from '@portcullis/revocation';
import { eventually, unique } from '@portcullis/testing';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { aSecond, encryptionKey, startIdp, type TestIdp } from '#harness.ts';
import { portcullis as run } from '#cli/test/portcullis.ts';

vi.setConfig({ testTimeout: 60_000 });

type Key = { kid: string; alg: string; state: string };
const resource = 'urn:portcullis:family';

let idp: TestIdp;
let nodes: string[];
let client: string;
const disposables = new AsyncDisposableStack();
beforeAll(async () => {
  idp = disposables.use(await startIdp());
  nodes = [idp.origin, await idp.node()];
  client = await idp.declare({ grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'] });
});
afterAll(() => disposables.disposeAsync());

test('F-15: a leaked key is taken out: no node signs with it, and applications refuse its tokens as soon as they are told', async () => {
  const source = redisSource({ url: idp.redis.url });
  const mirror = disposables.use(createMirror({ source, app: 'test', instance: unique('mirror') }));
  await mirror.ready();
  const verifier = createVerifier({ issuer: idp.issuer, audience: resource, mirror });
  const { access_token: signed, refresh_token } = await idp.tokens(client);
  expect(await verifier.verify(signed)).toMatchObject({ ok: true });
  const leaked = kidOf(signed);
  const [next] = await keys({ alg: 'ES256', state: 'next' });

  expect(await portcullis('keys', 'remove', leaked)).toMatchObject({ code: 1, err: expect.stringContaining('--yes') });
  const { out, code } = await portcullis('keys', 'remove', leaked, '--yes');

  expect(out).toBe(`Removed; ${next?.kid} signs.\nApplications were told to load the keys anew.\n`);
  expect(code).toBe(0);
  await eventually(async () => !(await verifier.verify(signed)).ok, aSecond);
  expect(await verifier.verify(signed)).toMatchObject({ status: 401, error: 'invalid_token' });
  for (const at of nodes) {
    const { keys: shown } = (await (await fetch(`${at}/jwks`)).json()) as { keys: Key[] };
    expect(shown.map(({ kid }) => kid)).not.toContain(leaked);
    const { body } = await idp.token(client, { grant_type: 'client_credentials', resource, scope: 'family' }, { at });
    expect(kidOf(body['access_token'])).toBe(next?.kid);
  }
  // Nobody is signed out: who has a refresh token gets a new token, and that one is good.
  const { body } = await idp.token(client, { grant_type: 'refresh_token', refresh_token });
  expect(await verifier.verify(body['access_token'] ?? '')).toMatchObject({ ok: true });
  expect((await keys({ alg: 'ES256', state: 'next' })).length).toBe(1);
  const events = await idp.sql('select detail, actor from audit_event where action = ?', ['signing_key.removed']);
  expect(events).toEqual([
    { detail: { kid: leaked, alg: 'ES256', state: 'active' }, actor: expect.stringMatching(/^cli:/) },
  ]);
});

test('a key that does not sign yet can be taken out too, and is replaced; one that is not there cannot', async () => {
  const [next] = await keys({ alg: 'RS256', state: 'next' });
  const [active] = await keys({ alg: 'RS256', state: 'active' });

  expect((await portcullis('keys', 'remove', next?.kid ?? '', '--yes')).code).toBe(0);

  expect(await keys({ alg: 'RS256', state: 'active' })).toEqual([active]);
  const [replaced, ...more] = await keys({ alg: 'RS256', state: 'next' });
  expect(more).toEqual([]);
  expect(replaced?.kid).not.toBe(next?.kid);
  const again = await portcullis('keys', 'remove', next?.kid ?? '', '--yes');
  expect(again).toMatchObject({ code: 1, err: `${next?.kid} is retired already.\n` });
  const unknown = await portcullis('keys', 'remove', 'nothing', '--yes');
  expect(unknown).toMatchObject({ code: 1, err: 'There is no key nothing.\n' });
});

function keys({ alg, state }: { alg: string; state: string }): Promise<Key[]> {
  return idp.sql<Key>('select kid, alg, state from signing_key where alg = ? and state = ?', [alg, state]);
}

function kidOf(token: string | undefined): string {
  return decodeProtectedHeader(token ?? '').kid ?? '';
}

function portcullis(...args: string[]) {
  return run(args, { DATABASE_URL: idp.database.url, REDIS_URL: idp.redis.url, ENCRYPTION_KEY: encryptionKey });
}
