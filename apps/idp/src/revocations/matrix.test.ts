import { randomUUID } from 'node:crypto';
import { causes, createMirror, feedSource, redisSource, type Cause, type Mirror } from '@portcullis/revocation';
import { eventually } from '@portcullis/testing';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '@portcullis/config';
import { createAccountChanges } from '#accounts/changes.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { policy } from '#accounts/test/policy.ts';
import { createBans } from '#bans/service.ts';
import { createClientChanges } from '#clients/changes.ts';
import { applyClients, ClientDeclaration } from '#clients/service.ts';
import {
  callback,
  claimsOf,
  clientSecret,
  encryptionKey,
  exchange,
  hiddenField,
  startIdp,
  type SignedIn,
  type TestIdp,
} from '#harness.ts';
import { createApplications } from '#sessions/applications.ts';
import { createSessions } from '#sessions/service.ts';
import { createSealer } from '#signing-keys/sealed.ts';
import { createWebhooks } from '#webhooks/service.ts';
import { createDeliveries } from './deliveries.ts';
import { createEveryone } from './everyone.ts';
import { matrix, type Channel, type Expectation } from './matrix.ts';
import { createOutbox } from './outbox.ts';
import type { Ledger } from './service.ts';
import { openLedgerOf } from './test/ledger.ts';
import { startReceiver, type Receiver } from './test/receiver.ts';

let idp: TestIdp;
let ledger: Ledger;
let receiver: Receiver;
let acts: Record<Cause, (who: Person) => Promise<unknown>>;
let mirrors: { denylist: Mirror; feed: Mirror };
let deliveries: ReturnType<typeof createDeliveries>;
const resources = new AsyncDisposableStack();
const hook = '/webhook';

beforeAll(async () => {
  idp = resources.use(await startIdp());
  receiver = resources.use(await startReceiver());
  const opened = resources.use(openLedgerOf(idp));
  ({ ledger } = opened);
  const { pool, post } = opened;
  deliveries = createDeliveries({ pool });
  const follower = await idp.declare({ feed: true });
  const feed = feedSource({ issuer: idp.issuer, clientId: follower, clientSecret });
  mirrors = {
    denylist: resources.use(createMirror({ source: redisSource({ url: idp.redis.url }), app: 'redis', instance: '1' })),
    feed: resources.use(createMirror({ source: feed, app: follower, instance: '1' })),
  };
  await Promise.all([mirrors.denylist.ready(), mirrors.feed.ready()]);
  const outbox = resources.use(createOutbox({ pool, log: { warn: () => {} } }));
  const webhooks = createWebhooks({ sealer: createSealer(new Secret(encryptionKey)), outbox: outbox.deliveries });
  await webhooks.add(em(), { name: 'siem', url: receiver.url(hook), actor: null });

  const bans = createBans({ ledger, reader: pool });
  const sessions = createSessions({ ledger, pool });
  const changes = createAccountChanges({ ledger, post, policy, passwords: createPasswords() });
  const actor = null;
  acts = {
    ban: ({ accountId }) => bans.ban(em(), { accountId, reason: 'spam', actor }),
    unban: async ({ accountId }) => {
      await bans.ban(em(), { accountId, reason: 'spam', actor });
      return bans.lift(em(), { accountId, actor });
    },
    sign_out: async ({ browser, id_token }) => {
      const page = await browser.go(`/session/end?${new URLSearchParams({ id_token_hint: id_token })}`);
      return browser.post('/session/end/confirm', { xsrf: hiddenField(page.text, 'xsrf'), logout: 'yes' });
    },
    session_ended: ({ claims }) => {
      const [uid = ''] = String(claims['sid']).split('.');
      return sessions.end(em(), { uid, cause: 'session_ended', actor });
    },
    password_changed: ({ accountId }) =>
      changes.changePassword(em(), { accountId, password: 'another long passphrase', actor }),
    // Nothing changes a second factor yet.
    factor_changed: ({ accountId: sub }) =>
      ledger.recordNow({
        target: { kind: 'account', sub },
        cause: 'factor_changed',
        issuedBefore: new Date(),
        actor,
      }),
    consent_withdrawn: ({ accountId, clientId }) =>
      createApplications({ pool, ledger }).withdraw(em(), { accountId, clientId, actor }),
    refresh_reuse: async ({ clientId, refresh_token }) => {
      await idp.token(clientId, { grant_type: 'refresh_token', refresh_token });
      return idp.token(clientId, { grant_type: 'refresh_token', refresh_token });
    },
    code_reuse: ({ clientId, request, code }) =>
      idp.token(clientId, exchange(request, new URL(`${callback}?code=${code}`))),
    roles_changed: ({ accountId }) => changes.setRoles(em(), { accountId, roles: ['moderator'], actor }),
    client_disabled: ({ clientId }) => createClientChanges({ ledger }).disable(em(), { clientId, actor }),
    secret_revoked: async ({ declaration }) => {
      const secrets = ['another-secret-of-at-least-32-characters'];
      await applyClients(em(), [{ ...declaration, secrets }], { env: {}, ledger, actor });
      await ledger.publish();
    },
    token_revoked: ({ clientId, access_token: token }) =>
      fetch(`${idp.issuer}/token/revocation`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
        body: new URLSearchParams({ token }),
      }),
    account_deleted: ({ accountId }) => changes.remove(em(), { accountId, actor }),
    everyone_before: () => createEveryone({ ledger }).before(em(), { at: new Date(), actor }),
  };
}, 60_000);
afterAll(() => resources.disposeAsync());

const em = () => idp.orm.em.fork();

/** Somebody signed in at an application of their own, which has an address for back-channel logout. */
type Person = SignedIn & {
  accountId: string;
  clientId: string;
  path: string;
  claims: Record<string, unknown>;
  declaration: ClientDeclaration;
};

async function newPerson(): Promise<Person> {
  const path = `/${randomUUID()}`;
  const backchannelLogoutUri = receiver.url(path);
  const clientId = await idp.declare({ backchannelLogoutUri });
  const declaration = ClientDeclaration.parse({
    id: clientId,
    name: clientId,
    firstParty: true,
    type: 'confidential',
    redirectUris: [callback],
    scope: 'openid family',
    resources: ['urn:portcullis:family'],
    backchannelLogoutUri,
  });
  const signedIn = await idp.tokens(clientId);
  const claims = claimsOf(signedIn.access_token);
  return { ...signedIn, accountId: signedIn.account.id, clientId, path, claims, declaration };
}

/** Whether the channel has told of it: who was cut off, and for what cause. */
const heard: Record<Channel, (cause: Cause, who: Person) => boolean> = {
  denylist: (cause, { claims }) => knows(mirrors.denylist, cause, claims),
  feed: (cause, { claims }) => knows(mirrors.feed, cause, claims),
  backchannelLogout: (_, { path, accountId }) => {
    const [request] = receiver.at(path);
    const token = new URLSearchParams(request?.body).get('logout_token');
    return token !== null && decodeJwt(token).sub === accountId;
  },
  webhook: (cause, { clientId, accountId, claims }) => {
    const bodies = receiver.at(hook).map(({ body }) => body);
    const about = [clientId, accountId, String(claims['jti']), '"everyone"'];
    return bodies.some((body) => body.includes(`"cause":"${cause}"`) && about.some((word) => body.includes(word)));
  },
};

function knows(mirror: Mirror, cause: Cause, claims: Record<string, unknown>): boolean {
  const verdict = mirror.check(claims);
  return verdict.state === 'revoked' && verdict.entry.cause === cause;
}

describe.each(causes)('%s', (cause) => {
  const cells = Object.entries(matrix[cause]) as [Channel, Expectation][];
  const told = cells.filter(([, expected]) => expected === 'sent');
  const silent = cells.filter(([, expected]) => expected !== 'sent');
  let who: Person;
  beforeAll(async () => {
    who = await newPerson();
    await acts[cause](who);
  }, 30_000);

  test.each(told)('%s', async (channel) => {
    expect(await eventually(() => heard[channel](cause, who), { withinMs: 10_000 })).toBe(true);
  });

  if (!silent.length) return;
  test('nobody is told by the others, and it says why', async () => {
    expect(silent).toEqual([['backchannelLogout', { none: expect.stringMatching(/^[A-Z].+\.$/) }]]);
    // What is not written down with the act is never sent.
    const logouts = await idp.sql(`select 1 from delivery where channel = 'backchannel_logout' and recipient = ?`, [
      who.clientId,
    ]);
    expect(logouts).toHaveLength(cause === 'unban' ? 1 : 0); // the one of the ban before
  });
});

test('every delivery there was a reason for has arrived', async () => {
  await eventually(async () => (await deliveries.pending()).waiting === 0);
  expect(await deliveries.pending()).toEqual({ waiting: 0, retrying: 0 });
});
