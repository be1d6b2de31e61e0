/** The real app on a real port over a database and a Redis of its own, and a browser that keeps cookies: for tests. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EntityManager } from '@mikro-orm/postgresql';
import { listen } from '@portcullis/http';
import { eventually, freePort, freshDatabase, startRedis, unique } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { largerBodies } from '#account-console/upload.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { createApp } from './app.ts';
import { applyClients, ClientDeclaration } from '#clients/service.ts';
import { loadConfig } from './config.ts';
import { connect, createPool } from '#database/orm.ts';
import { LedgerEntry } from '#revocations/entity.ts';
import { newRow, type NewRevocation } from '#revocations/entry.ts';
import { migrateOutbox } from '#revocations/outbox.ts';

export const password = 'open-the-gate-please';
export const cookieKey = 'test-cookie-key-test-cookie-key-0';
export const encryptionKey = 'test-encryption-key-test-encryption';
export const clientSecret = 'a-secret-of-at-least-32-characters';
export const callback = 'https://app.example/callback';
/** A second, and what a crowded machine adds to it. */
export const aSecond = { withinMs: 2000 };
export type TestIdp = Awaited<ReturnType<typeof startIdp>>;
export type Browser = ReturnType<typeof newBrowser>;

export type NodeOptions = {
  /** The issuer is https: as behind a proxy that ends TLS. The browser speaks to the node behind it. */
  https?: boolean;
  trustedHops?: number;
  /** Other addresses of the same stores, say of a cable that a test can cut. */
  databaseUrl?: string;
  /** Where letters go, say to `startInbox` of @portcullis/testing; without it they wait. */
  smtpUrl?: string;
  /** Without the checks of `listen`: what the application itself makes of a request that they would refuse. */
  bare?: boolean;
  /** Of the environment, beside what every test needs. */
  settings?: Record<string, string>;
};

export async function startIdp(options: NodeOptions = {}) {
  const resources = new AsyncDisposableStack();
  const database = resources.use(await freshDatabase());
  const redis = resources.use(await startRedis());
  const memory = resources.adopt(newRedis(redis.url), (open) => open.disconnect());
  const orm = resources.adopt(connect({ url: database.url, poolSize: 2 }), (open) => open.close());
  await orm.migrator.up();
  const pool = resources.adopt(createPool({ url: database.url, poolSize: 2 }), (open) => open.end());
  await migrateOutbox(pool);
  const hash = await createPasswords().hash(password);
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const issuer = options.https ? `https://localhost:${port}` : origin;
  await startNode(options, port);

  return {
    issuer,
    /** Where the node listens; differs from the issuer behind a proxy that ends TLS. */
    origin,
    orm,
    redis,
    /** What is in that Redis. */
    memory,
    database,
    sql,
    declare,
    /** Whether the node has this client. */
    knows,
    person,
    browser: (at = origin) => newBrowser(issuer, at),
    token,
    tokens,
    /** One more node over the same stores; the address it listens at. */
    node: (more: NodeOptions = {}) => startNode({ ...options, ...more }, 0),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };

  async function startNode(
    { trustedHops = 0, databaseUrl = database.url, smtpUrl = '', bare = false, settings = {} }: NodeOptions,
    at: number,
  ): Promise<string> {
    const config = loadConfig({
      ISSUER: issuer,
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      COOKIE_KEYS: cookieKey,
      ENCRYPTION_KEY: encryptionKey,
      TRUSTED_HOPS: String(trustedHops),
      SMTP_URL: smtpUrl,
      LOG_LEVEL: 'silent',
      ...settings,
    });
    const { koa } = resources.use(await createApp(config));
    if (!bare) {
      const allowedHosts = [`localhost:${port}`, `localhost:${at}`];
      return resources.use(await listen(koa, { port: at, allowedHosts, drainMs: 1000, largerBodies })).url;
    }
    const handle = koa.callback();
    const server = createServer((req, res) => void handle(req, res)).listen(at);
    resources.defer(() => void server.close());
    await once(server, 'listening');
    return `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  /** Rows of the database, columns as they are named there. */
  function sql<Row = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
    return orm.em.fork().execute<Row[]>(text, values);
  }

  /** A new client; known to the node when this returns. */
  async function declare(over: Partial<ClientDeclaration> = {}): Promise<string> {
    const { id = unique('client') } = over;
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
    const ledger = {
      record: async (em: EntityManager, entry: NewRevocation) => em.create(LedgerEntry, newRow(entry, new Date())),
    };
    await applyClients(orm.em.fork(), [declaration], { env: {}, ledger, actor: null });
    await eventually(() => knows(id));
    return id;
  }

  async function knows(clientId: string): Promise<boolean> {
    return (await fetch(`${origin}/session/end/success?client_id=${clientId}`)).ok;
  }

  async function person(): Promise<Person> {
    const [id, email] = [randomUUID(), `${unique('person')}@example.org`];
    await orm.em.execute(
      `insert into account (id, email, email_normalized, email_verified, name, password_hash, roles, created_at)
       values (?, ?, ?, true, 'A person', ?, '{}', now())`,
      [id, email, email, hash],
    );
    return { id, email };
  }

  /** A token request; `secret: null` is how a public client makes it. */
  async function token(
    clientId: string,
    given: Record<string, string>,
    { at = origin, secret = clientSecret }: { at?: string; secret?: string | null } = {},
  ) {
    const fields = secret === null ? { client_id: clientId, ...given } : given;
    const response = await fetch(`${at}/token`, {
      method: 'POST',
      headers: secret === null ? {} : { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
      body: new URLSearchParams(fields),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, string>,
    };
  }

  /** A sign-in from its beginning to the tokens; by a new person in a new browser where none is given. */
  async function tokens(
    clientId: string,
    over: Record<string, string> = {},
    { browser = newBrowser(issuer, origin), account }: { browser?: Browser; account?: Person } = {},
  ) {
    const who = account ?? (await person());
    const request = authorizationRequest(clientId, over);
    const first = await browser.authorize(request);
    const { url } = first.url.href.startsWith(callback) ? first : await browser.submit(first, who.email);
    const { status, body } = await token(clientId, exchange(request, url));
    if (status !== 200) throw new Error(`the code was refused: ${JSON.stringify(body)}`);
    return { browser, account: who, code: codeOf(url), request, ...body } as SignedIn;
  }
}

function newRedis(url: string): Redis {
  const redis = new Redis(url);
  redis.on('error', () => {}); // tests take it away
  return redis;
}

export type Person = { id: string; email: string };
export type SignedIn = {
  browser: Browser;
  account: Person;
  request: AuthorizationRequest;
  code: string;
  access_token: string;
  id_token: string;
  refresh_token: string;
};

/** The token request for the code that came with this redirect. */
export function exchange(
  request: AuthorizationRequest,
  redirect: URL,
  over: Record<string, string> = {},
): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    code: codeOf(redirect),
    redirect_uri: request.params['redirect_uri'] ?? '',
    code_verifier: request.verifier,
    ...over,
  };
}

export function codeOf(redirect: URL): string {
  return redirect.searchParams.get('code') ?? '';
}

export type AuthorizationRequest = { clientId: string; verifier: string; params: Record<string, string> };

/** A parameter given as '' is left out. */
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
  return { clientId, verifier, params: Object.fromEntries(Object.entries(params).filter(([, value]) => value !== '')) };
}

type Init = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };
/** `text`: without the places where a long word may break, so that what is looked for is found. */
export type Page = { response: Response; url: URL; text: string };

/**
 * Follows redirects within the issuer, as a browser would; stops at the first one that leaves it. `at` is where the
 * requests really go: straight to a node behind the proxy that the issuer's name stands for.
 */
export function newBrowser(issuer: string, at = issuer) {
  const cookies = new Map<string, { value: string; path: string }>();
  /** Every Set-Cookie line it was ever sent. */
  const received: string[] = [];
  /** The status of every redirect it was sent. */
  const redirects: number[] = [];
  /** Sent with every request, say by a proxy on the way. */
  const headers: Record<string, string> = {};
  return { cookies, headers, received, redirects, go, post, authorize, signIn, submit };

  async function go(url: string, init: Init = {}): Promise<Page> {
    const target = new URL(url, issuer);
    const sent = [...cookies]
      .filter(([, { path }]) => target.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`);
    const response = await fetch(new URL(target.href.slice(target.origin.length), at), {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...headers, ...init.headers, cookie: sent.join('; ') },
    });
    for (const line of response.headers.getSetCookie()) keep(line);
    const location = response.headers.get('location');
    const next = location ? new URL(location, target) : null;
    if (next) redirects.push(response.status);
    if (next?.origin === issuer) return go(next.href);
    return { response, url: next ?? target, text: (await response.text()).replaceAll('<wbr>', '') };
  }

  function post(url: string, fields: Record<string, string>, init: Init = {}): Promise<Page> {
    return go(url, { method: 'POST', body: new URLSearchParams(fields), ...init });
  }

  function authorize({ params }: AuthorizationRequest): Promise<Page> {
    return go(`/auth?${new URLSearchParams(params)}`);
  }

  /** From the authorization request over the sign-in page to the redirect with the code. */
  async function signIn(request: AuthorizationRequest, email: string, secret = password): Promise<Page> {
    return submit(await authorize(request), email, secret);
  }

  /** Fills in the sign-in page. */
  function submit(page: Page, email: string, secret = password): Promise<Page> {
    return post(page.url.href, { csrf: hiddenField(page.text, 'csrf'), email, password: secret });
  }

  function keep(line: string): void {
    received.push(line);
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

/** Every proper prefix and suffix of a handle, and the handle with each character changed (A-27). */
export function mutilated(handle: string): string[] {
  const characters = Array.from(handle);
  return characters.flatMap((character, i) => [
    ...(i > 0 ? [handle.slice(0, i), handle.slice(i)] : []),
    characters.with(i, character === 'A' ? 'B' : 'A').join(''),
    characters.with(i, String.fromCharCode(character.charCodeAt(0) ^ 1)).join(''),
  ]);
}
