import { createHash, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  createTraveller,
  demo,
  eventually,
  freePort,
  startNodeProcess,
  startPortcullis,
  startRedis,
  testClientSecret,
  type TestPortcullis,
} from '@portcullis/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bearer, redisSource, type Guard } from './index.ts';

const audience = 'urn:portcullis:family';
const callback = 'http://localhost:9/callback';
let portcullis: TestPortcullis;

beforeAll(async () => {
  portcullis = await startPortcullis([
    { id: 'web', redirectUris: [callback] },
    { id: 'notes', feed: true, grantTypes: ['client_credentials'] },
  ]);
}, 120_000);
afterAll(() => portcullis[Symbol.asyncDispose]());

/** An access token as the application `web` gets it when this person signs in. */
async function tokenOf(email: string): Promise<string> {
  const { issuer } = portcullis;
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'web',
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid family',
    resource: audience,
    state: 'the state of this sign-in, long enough',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const metadata = await json(await fetch(`${issuer}/.well-known/openid-configuration`));
  const traveller = createTraveller();
  await traveller.visit(`${String(metadata['authorization_endpoint'])}?${query.toString()}`);
  const back = await traveller.submit({ email, password: demo.password }, (next) => next.href.startsWith(callback));
  const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const answer = await fetch(String(metadata['token_endpoint']), {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`web:${testClientSecret.replaceAll(' ', '+')}`)}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: callback,
      code_verifier: verifier,
      resource: audience,
    }),
  });
  return String((await json(answer))['access_token']);
}

async function json(response: Response): Promise<Record<string, unknown>> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

const file = (name: string) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
const bearing = (token: string) => ({ authorization: `Bearer ${token}` });

test('the Express example serves a signed-in person, and refuses them within a second of being banned', async () => {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const env = { ISSUER: portcullis.issuer, AUDIENCE: audience, REDIS_URL: portcullis.redis.url, PORT: String(port) };
  await using _ = startNodeProcess(file('express.ts'), env);
  await eventually(async () => (await fetch(`${url}/health`)).ok, { withinMs: 20_000 });
  const token = await tokenOf(demo.alice);
  const get = () => fetch(`${url}/notes`, { headers: bearing(token) });
  expect(await json(await get())).toEqual({ notes: [expect.stringMatching(/^Only [\w-]+ reads this\.$/)] });
  expect((await fetch(`${url}/notes`, { method: 'DELETE', headers: bearing(token) })).status).toBe(204);
  expect((await fetch(`${url}/notes`)).headers.get('www-authenticate')).toBe(
    'Bearer realm="urn:portcullis:family", scope="family"',
  );

  await portcullis.operate('ban', demo.alice, '--reason', 'test');

  await eventually(async () => (await get()).status === 401, { withinMs: 1000 });
  expect(await (await get()).json()).toEqual({ error: 'invalid_token', error_description: 'the token was revoked' });
}, 60_000);

test('the fetch example, which cannot reach Redis, hears of a revocation by the feed, and of that token alone', async () => {
  Object.assign(process.env, {
    ISSUER: portcullis.issuer,
    AUDIENCE: audience,
    CLIENT_ID: 'notes',
    CLIENT_SECRET: testClientSecret,
  });
  const { api, handle } = (await import(file('fetch.ts'))) as {
    api: AsyncDisposable & { ready(): Promise<unknown> };
    handle: (request: Request) => Promise<Response>;
  };
  onTestFinished(() => api[Symbol.asyncDispose]());
  await api.ready();
  const token = await tokenOf(demo.bob);
  const get = () => handle(new Request('http://notes.test/notes', { headers: bearing(token) }));
  expect((await get()).status).toBe(200);

  await portcullis.operate('revoke', '--token', token, '--reason', 'test');

  await eventually(async () => (await get()).status === 401, { withinMs: 3000 });
  expect((await get()).headers.get('www-authenticate')).toContain('error="invalid_token"');

  const another = await tokenOf(demo.bob);
  const response = await handle(new Request('http://notes.test/notes', { headers: bearing(another) }));
  expect(response.status).toBe(200);
}, 60_000);

test('F-08 an API whose mirror knows nothing asks the issuer, and refuses within five seconds what was revoked', async () => {
  await using empty = await startRedis();
  const common = { issuer: portcullis.issuer, audience, app: 'notes', revocations: redisSource({ url: empty.url }) };
  await using asking = bearer({ ...common, client: { id: 'notes', secret: testClientSecret } });
  await using alone = bearer(common);
  const token = await tokenOf(demo.bob);
  const ask = (api: Guard) =>
    api.fetch(() => new Response('good'))(new Request('http://notes.test', { headers: bearing(token) }));
  expect((await ask(asking)).status).toBe(200);
  expect((await ask(alone)).status).toBe(503);

  await portcullis.operate('revoke', '--token', token, '--reason', 'test');

  expect(await eventually(async () => (await ask(asking)).status === 401, { withinMs: 5500 })).toBe(true);
}, 60_000);
