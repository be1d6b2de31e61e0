/** The real app on a real port over a database and a Redis of its own, and a browser that keeps cookies: for tests. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { listen } from '@portcullis/http';
import { freePort, freshDatabase, startRedis, unique } from '@portcullis/testing';
import { createPasswords } from '#accounts/passwords.ts';
import { createApp } from './app.ts';
import { applyClients, ClientDeclaration } from '#clients/service.ts';
import { loadConfig } from './config.ts';
import { connect } from '#database/orm.ts';

export const password = 'open-the-gate-please';
export const clientSecret = 'a-secret-of-at-least-32-characters';
export const callback = 'https://app.example/callback';
export type TestIdp = Awaited<ReturnType<typeof startIdp>>;
export type Browser = ReturnType<typeof newBrowser>;

export async function startIdp() {
  const resources = new AsyncDisposableStack();
  const database = resources.use(await freshDatabase());
  const redis = resources.use(await startRedis());
  const orm = connect({ url: database.url, poolSize: 2 });
  resources.defer(() => orm.close());
  await orm.migrator.up();
  const hash = await createPasswords().hash(password);
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const app = resources.use(
    await createApp(
      loadConfig({
        ISSUER: issuer,
        PORT: String(port),
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        COOKIE_KEYS: 'test-cookie-key-test-cookie-key-0',
        ENCRYPTION_KEY: 'test-encryption-key-test-encryption',
        LOG_LEVEL: 'silent',
      }),
    ),
  );
  resources.use(await listen(app.koa, { port, allowedHosts: [`localhost:${port}`] }));

  return {
    issuer,
    orm,
    redis,
    database,
    declare,
    person,
    browser: () => newBrowser(issuer),
    token,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };

  /** A new client; known to the node when this returns. */
  async function declare(over: Partial<ClientDeclaration> = {}): Promise<string> {
    const id = unique('client');
    const declaration = ClientDeclaration.parse({
      id,
      name: `Application ${id}`,
      firstParty: true,
      type: 'confidential',
      secrets: over.type === 'public' ? [] : [clientSecret],
      redirectUris: [callback],
      uri: 'https://app.example/',
      scope: 'openid profile email family',
      resources: ['urn:portcullis:family'],
      idTokenSigningAlg: 'ES256',
      ...over,
    });
    await applyClients(orm.em.fork(), [declaration], {});
    const known = async (): Promise<boolean> =>
      (await fetch(`${issuer}/session/end?client_id=${id}`, { redirect: 'manual' })).status < 400;
    while (!(await known())) await new Promise((resolve) => setImmediate(resolve));
    return id;
  }

  async function person(): Promise<{ id: string; email: string }> {
    const [id, email] = [randomUUID(), `${unique('person')}@example.org`];
    await orm.em.execute(
      `insert into account (id, email, email_normalized, email_verified, name, password_hash, roles, created_at)
       values (?, ?, ?, true, 'A person', ?, '{}', now())`,
      [id, email, email, hash],
    );
    return { id, email };
  }

  async function token(clientId: string, fields: Record<string, string>) {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
      body: new URLSearchParams(fields),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, string>,
    };
  }
}

export type AuthorizationRequest = { clientId: string; verifier: string; params: Record<string, string> };

export function authorizationRequest(clientId: string, over: Record<string, string> = {}): AuthorizationRequest {
  const verifier = randomBytes(32).toString('base64url');
  const params = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid profile email family',
    resource: 'urn:portcullis:family',
    state: randomUUID(),
    nonce: randomUUID(),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...over,
  };
  return { clientId, verifier, params };
}

type Init = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };

/** Follows redirects within the issuer, as a browser would; stops at the first one that leaves it. */
export function newBrowser(issuer: string) {
  const cookies = new Map<string, { value: string; path: string }>();
  return { cookies, go, post, authorize, signIn };

  async function go(url: string, init: Init = {}): Promise<{ response: Response; url: URL; text: string }> {
    const target = new URL(url, issuer);
    const sent = [...cookies]
      .filter(([, { path }]) => target.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`);
    const response = await fetch(target, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...init.headers, cookie: sent.join('; ') },
    });
    for (const line of response.headers.getSetCookie()) keep(line);
    const location = response.headers.get('location');
    const next = location ? new URL(location, target) : null;
    if (next?.origin === issuer) return go(next.href);
    return { response, url: next ?? target, text: await response.text() };
  }

  function post(url: string, fields: Record<string, string>, init: Init = {}) {
    return go(url, { method: 'POST', body: new URLSearchParams(fields), ...init });
  }

  function authorize({ params }: AuthorizationRequest) {
    return go(`/auth?${new URLSearchParams(params)}`);
  }

  /** From the authorization request over the sign-in page to the redirect with the code. */
  async function signIn(request: AuthorizationRequest, email: string, secret = password) {
    const page = await authorize(request);
    return post(page.url.href, { csrf: hiddenField(page.text, 'csrf'), email, password: secret });
  }

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
    if (value === '') cookies.delete(name);
    else cookies.set(name, { value, path });
  }
}

export function hiddenField(html: string, name: string): string {
  return new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1] ?? '';
}

/** The claims of a JWT, unverified: tests of who may verify are elsewhere. */
export function claimsOf(jwt: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}
