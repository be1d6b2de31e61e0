import Router from '@koa/router';
import { Secret } from '@portcullis/config';
import type { AccountDetail, AuditEvent } from '@portcullis/contracts';
import { createCsrf, createLog, listen } from '@portcullis/http';
import type { AppSession } from '@portcullis/relying-party';
import { createVisitor, openDoor, type TestPerson, type Visitor } from '@portcullis/testing';
import type { Context } from 'koa';
import { type ProviderState, startProvider } from '#admin-api/provider-under-test.ts';
import { createSite } from './site.ts';

export type SiteUnderTest = {
  url: string;
  provider: ProviderState;
  stopProvider: () => Promise<void>;
  visitor(person?: TestPerson): Visitor;
} & AsyncDisposable;

export const ids = {
  ada: '0d9f2f6e-6a1e-4d28-8a52-0a6f1f2b3c01',
  alice: '0d9f2f6e-6a1e-4d28-8a52-0a6f1f2b3c02',
  bob: '0d9f2f6e-6a1e-4d28-8a52-0a6f1f2b3c03',
};
export const ada: TestPerson = { sub: ids.ada, name: 'Ada Portcullis', roles: ['admin'] };
export const sam: TestPerson = { sub: 'sam', name: 'Sam Support', roles: ['support'] };

const key = new Secret('a key for tests that is long enough.');
const sessionOf = (ctx: Context) => (ctx.state['session'] as AppSession | undefined)?.sub;
const csrf = createCsrf({
  key,
  origin: 'http://localhost',
  cookie: { name: 'admin_browser', secure: false },
  sessionOf,
});
const rp = {
  routes: () => new Router(),
  session: openDoor.session,
  required: openDoor.required,
  stepUp: () => (_: Context, next: () => Promise<unknown>) => next(),
  csrf,
  timedOut: (ctx: Context) => ctx.get('x-timed-out') === 'yes',
};

/** The console on a real port, before a provider that answers as the contract says, with its door held open. */
export async function startSite(): Promise<SiteUnderTest> {
  await using resources = new AsyncDisposableStack();
  const provider = stateOfProvider();
  const upstream = resources.use(await startProvider(provider));
  const family = { shop: 'http://shop.test', forum: 'http://forum.test', dashboard: 'http://dashboard.test' };
  const site = createSite({
    config: { cookieKeys: [key], https: false, trustedHops: 0, issuer: upstream.url, family },
    log: createLog({ name: 'admin', level: 'silent' }),
    health: () => new Router(),
    rp,
  });
  const server = resources.use(await listen(site, { port: 0, allowedHosts: ['localhost:0'] }));
  const owned = resources.move();
  return {
    url: server.url,
    provider,
    stopProvider: async () => upstream[Symbol.asyncDispose](),
    visitor: (person) => createVisitor(server.url, person && openDoor.headers(person)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function stateOfProvider(): ProviderState {
  const account = (over: Partial<AccountDetail> & Pick<AccountDetail, 'id' | 'name' | 'email'>): AccountDetail => ({
    roles: [],
    status: 'active',
    createdAt: '2026-01-10T09:00:00.000Z',
    emailVerified: true,
    lastSignInAt: '2026-11-20T09:00:00.000Z',
    ban: null,
    ...over,
  });
  return {
    overview: {
      accounts: 1_203_411,
      activeSessions: 48,
      bansInForce: 1,
      liveRevocations: 7,
      mirrors: [
        { app: 'shop', instance: 'shop-1', state: 'in_touch', lastSeenMs: 120 },
        { app: 'forum', instance: 'forum-1', state: 'not_seen', lastSeenMs: 40_000 },
      ],
      signInsLastDay: 311,
      refusalsLastDay: 12,
    },
    accounts: [
      account({ id: ids.ada, name: 'Ada Portcullis', email: 'admin@example.com', roles: ['admin'] }),
      account({ id: ids.alice, name: 'Alice Wicket', email: 'alice@example.com' }),
      account({ id: ids.bob, name: 'Bob Castellan', email: 'bob@example.com', roles: ['moderator'] }),
    ],
    sessions: [
      {
        id: 'sid-1',
        createdAt: '2026-11-20T09:00:00.000Z',
        lastUsedAt: new Date(Date.now() - 180_000).toISOString(),
        expiresAt: '2026-12-20T09:00:00.000Z',
        userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
        address: '192.0.2.7',
        place: 'Bristol, United Kingdom',
        applications: ['Shop', 'Forum'],
      },
    ],
    clients: [
      { id: 'shop', name: 'Shop', disabledAt: null },
      { id: 'forum', name: 'Forum', disabledAt: null },
      { id: 'dashboard', name: 'Dashboard', disabledAt: '2026-11-01T09:00:00.000Z' },
    ],
    bans: [],
    events: [event('account.signed_in', { clientId: 'shop' }), event('session.ended_by_owner', {})],
    receipts: {
      publishedAt: '2026-11-22T01:00:00.000Z',
      mirrors: [
        { app: 'shop', instance: 'shop-1', state: 'enforced', afterMs: 18.4, lastSeenMs: 50 },
        { app: 'forum', instance: 'forum-1', state: 'enforced', afterMs: 22.6, lastSeenMs: 50 },
      ],
      deliveries: [],
      complete: true,
    },
    webhooks: [],
    asked: [],
    refuse: undefined,
  };
}

export function event(action: string, over: Partial<AuditEvent>): AuditEvent {
  return {
    id: crypto.randomUUID(),
    at: '2026-11-21T10:00:00.000Z',
    actor: { id: ids.alice, name: 'Alice Wicket' },
    action,
    account: { id: ids.alice, email: 'alice@example.com' },
    clientId: null,
    detail: {},
    place: null,
    ...over,
  };
}
