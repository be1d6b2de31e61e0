import { randomUUID } from 'node:crypto';
import { eventually } from '@portcullis/testing';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Target } from '@portcullis/revocation';
import { claimsOf, hiddenField, startIdp, type SignedIn, type TestIdp } from '#harness.ts';
import { startCluster, type Cluster } from './test/cluster.ts';
import { crowding } from './test/crowding.ts';
import { startReceiver, type Receiver } from './test/receiver.ts';
import { openSending } from './test/sending.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver[Symbol.asyncDispose]());

const tokenIn = ({ body }: { body: string }) => new URLSearchParams(body).get('logout_token') ?? '';
const told = (path: string) => receiver.at(path).map((request) => decodeJwt(tokenIn(request)));

describe('whom an entry reaches', () => {
  let cluster: Cluster;
  let sending: Awaited<ReturnType<typeof openSending>>;
  beforeAll(async () => {
    cluster = await startCluster();
    sending = await openSending(cluster);
    sending.start();
  });
  afterAll(async () => {
    await sending[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  /** An account with two sessions; with the first it has been to `a` and `b`, with the second to `a`. */
  async function someone() {
    const [a, b, silent] = [
      await sending.application({ backchannelLogoutUri: receiver.url(`/${randomUUID()}`) }),
      await sending.application({ backchannelLogoutUri: receiver.url(`/${randomUUID()}`) }),
      await sending.application(),
    ];
    const paths = new Map<string, string>();
    for (const id of [a, b]) {
      const { rows } = await cluster.pool.query<{ uri: string }>(
        `select metadata ->> 'backchannel_logout_uri' as uri from client where id = $1`,
        [id],
      );
      paths.set(id, new URL(rows[0]?.uri ?? '').pathname);
    }
    const { accountId: sub, uid: first } = await cluster.signedIn(undefined, silent);
    const enter = async (uid: string, clientId: string) => {
      const grantId = randomUUID();
      await cluster.pool.query(
        `insert into oidc_grant (id, account_id, client_id, session_uid, payload, expires_at)
         values ($1, $2, $3, $4, '{}', now() + interval '1 day')`,
        [grantId, sub, clientId, uid],
      );
      return `${uid}.${grantId.slice(0, 16)}`;
    };
    const second = (await cluster.signedIn(sub, silent)).uid;
    const sids = { a1: await enter(first, a), b1: await enter(first, b), a2: await enter(second, a) };
    const hear = (id: string) => told(paths.get(id) ?? '').map(({ sub: who, sid }) => ({ sub: who, sid }));
    return { sub, first, a, b, sids, hear };
  }
  type Someone = Awaited<ReturnType<typeof someone>>;

  const cases: [string, (who: Someone) => Target, (who: Someone) => { a: object[]; b: object[] }][] = [
    [
      'a session: each application that was entered with it, by its own sid',
      ({ first: sid }) => ({ kind: 'session', sid }),
      ({ sub, sids }) => ({ a: [{ sub, sid: sids.a1 }], b: [{ sub, sid: sids.b1 }] }),
    ],
    [
      'one application of a session: that one only',
      ({ sids }) => ({ kind: 'session', sid: sids.b1 }),
      ({ sub, sids }) => ({ a: [], b: [{ sub, sid: sids.b1 }] }),
    ],
    [
      'an account: every application once, and no sid, so that all its sessions end there',
      ({ sub }) => ({ kind: 'account', sub }),
      ({ sub }) => ({ a: [{ sub, sid: undefined }], b: [{ sub, sid: undefined }] }),
    ],
    [
      'an account at an application: that one, and no sid',
      ({ sub, a }) => ({ kind: 'account-at-client', sub, clientId: a }),
      ({ sub }) => ({ a: [{ sub, sid: undefined }], b: [] }),
    ],
    ['an application itself: nobody', ({ a }) => ({ kind: 'client', clientId: a }), () => ({ a: [], b: [] })],
    ['everyone: nobody', () => ({ kind: 'everyone' }), () => ({ a: [], b: [] })],
    ['one token: nobody', () => ({ kind: 'token', jti: randomUUID() }), () => ({ a: [], b: [] })],
  ];
  test.each(cases)('%s', async (_, targetOf, expected) => {
    const who = await someone();
    const { ledger } = cluster.node();
    await ledger.recordNow({ target: targetOf(who), cause: 'session_ended', issuedBefore: null, actor: null });
    const afterwards = await cluster.signedIn(undefined, who.a); // by then what came before has been sent
    const marker = { kind: 'account', sub: afterwards.accountId } as const;
    await ledger.recordNow({ target: marker, cause: 'session_ended', issuedBefore: null, actor: null });
    await eventually(() => who.hear(who.a).some(({ sub }) => sub === afterwards.accountId));
    await eventually(async () => (await sending.deliveries.pending()).waiting === 0);

    const { a, b } = expected(who);
    expect(who.hear(who.a).filter(({ sub }) => sub === who.sub)).toEqual(a);
    expect(who.hear(who.b)).toEqual(b);
  });

  test.each(['roles_changed', 'client_disabled', 'secret_revoked', 'token_revoked', 'everyone_before'] as const)(
    '%s ends no session, whatever its target',
    async (cause) => {
      const { sub } = await someone();
      const { ledger } = cluster.node();
      const target = { kind: 'account', sub } as const;
      const id = await cluster.em().transactional(async (em) => {
        return (await ledger.record(em, { target, cause, issuedBefore: null, actor: null })).id;
      });
      expect(await sending.deliveries.of([id])).toEqual([]);
    },
  );
});

describe('R-37: the logout token, from the real provider', () => {
  let idp: TestIdp;
  beforeAll(async () => {
    idp = await startIdp();
  });
  afterAll(() => idp[Symbol.asyncDispose]());

  test('discovery says that it is sent, with sid', async () => {
    const discovery = await (await fetch(`${idp.issuer}/.well-known/openid-configuration`)).json();
    expect(discovery).toMatchObject({
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    });
  });

  test.each(['ES256', 'RS256'] as const)(
    'a sign-out reaches every application within a second, each by its own sid and signed as its ID token is (%s)',
    async (alg) => {
      const paths = [`/${randomUUID()}`, `/${randomUUID()}`] as const;
      const [shop, forum] = [
        await idp.declare({ backchannelLogoutUri: receiver.url(paths[0]), idTokenSigningAlg: alg }),
        await idp.declare({ backchannelLogoutUri: receiver.url(paths[1]), idTokenSigningAlg: alg }),
      ];
      const atShop = await idp.tokens(shop);
      const atForum = await idp.tokens(forum, {}, { browser: atShop.browser });

      const clicked = Date.now();
      await signOut(atShop);
      await eventually(() => told(paths[0]).length && told(paths[1]).length);

      const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`));
      for (const [path, audience, signedIn] of [
        [paths[0], shop, atShop],
        [paths[1], forum, atForum],
      ] as const) {
        const [request] = receiver.at(path);
        if (!request) throw new Error('nothing came');
        expect(request.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
        expect(request.at - clicked).toBeLessThan(1500 * crowding()); // the act takes its time too
        const { payload, protectedHeader } = await jwtVerify(tokenIn(request), keys, {
          issuer: idp.issuer,
          audience,
          typ: 'logout+jwt',
          algorithms: [alg],
        });
        const { sub, sid } = claimsOf(signedIn.id_token);
        expect(payload).toEqual({
          iss: idp.issuer,
          aud: audience,
          iat: expect.any(Number),
          exp: expect.any(Number),
          jti: expect.any(String),
          toe: expect.closeTo(clicked / 1000, -1),
          events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
          sub,
          sid,
        });
        expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(120);
        expect(protectedHeader.kid).toBeDefined();
      }
    },
  );

  test('F-19: the sign-out page does not wait for an application that hangs', async () => {
    const path = `/${randomUUID()}`;
    receiver.answer(path, () => {});
    const client = await idp.declare({ backchannelLogoutUri: receiver.url(path) });
    const signedIn = await idp.tokens(client);
    const started = performance.now();
    await signOut(signedIn);
    expect(performance.now() - started).toBeLessThan(1000 * crowding());
    await eventually(() => receiver.at(path).length);
    expect(
      (await idp.sql('select 1 from delivery where delivered_at is not null and recipient = ?', [client])).length,
    ).toBe(0);
  });

  test('used-up refresh tokens: the application of the stolen one is told, no other', async () => {
    const paths = [`/${randomUUID()}`, `/${randomUUID()}`] as const;
    const shop = await idp.declare({ backchannelLogoutUri: receiver.url(paths[0]) });
    const forum = await idp.declare({ backchannelLogoutUri: receiver.url(paths[1]) });
    const atShop = await idp.tokens(shop);
    await idp.tokens(forum, {}, { browser: atShop.browser });

    const used = { grant_type: 'refresh_token', refresh_token: atShop.refresh_token };
    await idp.token(shop, used);
    await idp.token(shop, used);

    await eventually(() => told(paths[0]).length);
    expect(told(paths[0])).toMatchObject([{ sid: claimsOf(atShop.id_token)['sid'] }]);
    expect(told(paths[1])).toEqual([]);
  });

  async function signOut({ browser, id_token }: SignedIn): Promise<void> {
    const page = await browser.go(`/session/end?${new URLSearchParams({ id_token_hint: id_token })}`);
    const { response } = await browser.post('/session/end/confirm', {
      xsrf: hiddenField(page.text, 'xsrf'),
      logout: 'yes',
    });
    expect(response.status).toBe(200);
  }
});
