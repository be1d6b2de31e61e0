/** An IdP with an application on its feed, and a second node that acts: for tests of the feed. */
import { randomUUID } from 'node:crypto';
import {
  createMirror,
  createPublisher,
  feedSource,
  redisSource,
  type Cause,
  type Log,
  type Mirror,
  type Target,
} from '@portcullis/revocation';
import { eventually, unique } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { expect } from 'vitest';
import { createPool } from '#database/orm.ts';
import { clientSecret, startIdp } from '#harness.ts';
import { createLedger } from '#revocations/service.ts';

/** It becomes so, and soon. */
export async function expectSoon(probe: () => unknown, o: { withinMs?: number } = {}): Promise<void> {
  expect(await eventually(probe, o)).toBeTruthy();
}

export type FeedHouse = Awaited<ReturnType<typeof startFeedHouse>>;

export async function startFeedHouse() {
  await using opened = new AsyncDisposableStack();
  const idp = opened.use(await startIdp());
  const clientId = await idp.declare({ feed: true });
  const pool = opened.adopt(createPool({ url: idp.database.url, poolSize: 2 }), (own) => own.end());
  const redis = opened.adopt(
    new Redis(idp.redis.url, { enableOfflineQueue: false, commandTimeout: 1000, retryStrategy: () => 50 }),
    (own) => own.disconnect(),
  );
  redis.on('error', () => {}); // tests take it away
  const silent: Log = { info() {}, warn() {}, error() {} };
  const ledger = createLedger({
    orm: idp.orm,
    channels: { send: async () => {} },
    publisher: createPublisher(redis),
    pool,
    log: silent,
  });
  const jwks = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`));
  const owned = opened.move();

  return {
    idp,
    clientId,
    ledger,
    revoke,
    ban: (sub: string = randomUUID()) => revoke({ kind: 'account', sub }).then(() => sub),
    lift,
    mirror,
    open,
    claims,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  function revoke(target: Target, cause: Cause = 'ban') {
    return ledger.recordNow({ target, cause, issuedBefore: null, actor: null });
  }

  /** Of an account: as a ban that is lifted a minute ago. */
  async function lift(sub: string): Promise<void> {
    const rows = await idp.sql<{ id: string }>(
      `select id from revocation where target->>'sub' = ? and issued_before is null`,
      [sub],
    );
    const at = new Date(Date.now() - 60_000);
    await idp.orm.em.fork().transactional((em) =>
      ledger.lift(
        em,
        rows.map(({ id }) => id),
        at,
      ),
    );
    await ledger.publish();
  }

  /** A verifier's copy, by the feed or by Redis. */
  function mirror(
    by: 'redis' | { fetch?: typeof fetch; log?: Log; clientId?: string; maxStalenessMs?: number } = {},
  ): Mirror & { is: (sub: string, iat?: number) => string } {
    const { fetch = globalThis.fetch, log = silent, maxStalenessMs = 5000, ...o } = by === 'redis' ? {} : by;
    const id = o.clientId ?? clientId;
    const source =
      by === 'redis'
        ? redisSource({ url: idp.redis.url })
        : feedSource({ issuer: idp.issuer, clientId: id, clientSecret, fetch });
    const made = owned.use(createMirror({ source, app: id, instance: unique('instance'), maxStalenessMs, log }));
    return { ...made, is: (sub, iat = Math.floor(Date.now() / 1000)) => made.check({ sub, iat }).state };
  }

  /** The bare stream: its answer, and its tokens one by one. `next` and `said` answer undefined when it has ended. */
  async function open(o: { cursor?: string; id?: string; secret?: string; at?: string; query?: string } = {}) {
    const { id = clientId, secret = clientSecret, at = idp.origin, query = '' } = o;
    const leave = new AbortController();
    owned.defer(() => leave.abort());
    const response = await fetch(`${at}/revocations${query}`, {
      headers: {
        authorization: `Basic ${btoa(`${id}:${secret}`)}`,
        ...(o.cursor ? { 'last-event-id': o.cursor } : {}),
      },
      signal: leave.signal,
    });
    const events = response.body ? eventsOf(response.body) : undefined;
    const next = async () => (await events?.next())?.value;
    return { response, next, said, leave: () => leave.abort() };

    /** Reads until this kind of event comes, and returns what it says; undefined: the stream ended before. */
    async function said(kind: string): Promise<Record<string, unknown> | undefined> {
      for (;;) {
        const event = await next();
        if (!event) return undefined;
        const found = (await claims(event.data, id)).events as Record<string, Record<string, unknown>>;
        const what = found[`urn:portcullis:event:${kind}`];
        if (what) return { ...what, id: event.id };
      }
    }
  }

  async function claims(token: string, audience: string): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, jwks, {
      issuer: idp.issuer,
      audience,
      typ: 'secevent+jwt',
      algorithms: ['ES256'],
    });
    return payload;
  }
}

/** Enough of the format for what the feed writes: `id` and `data`, a line each. */
async function* eventsOf(
  body: NonNullable<Response['body']>,
): AsyncGenerator<{ id?: string; data: string }, undefined> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(': ', 2)));
      yield { data: '', ...fields };
    }
  }
  return undefined;
}
