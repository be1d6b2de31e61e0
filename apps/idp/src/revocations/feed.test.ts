import { randomUUID } from 'node:crypto';
import { createReceipts } from '@portcullis/revocation';
import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { aSecond, clientSecret } from '#harness.ts';
import { layCable, type Cable } from './test/feed-cable.ts';
import { expectSoon, startFeedHouse, type FeedHouse } from './test/feed-house.ts';

let house: FeedHouse;
/** A node that does not mind by what name it is called. */
let bare: string;
beforeAll(async () => {
  house = await startFeedHouse();
  bare = await house.idp.node({ bare: true });
}, 60_000);
afterAll(() => house[Symbol.asyncDispose]());

async function cable(target: string): Promise<Cable> {
  const laid = await layCable(target);
  onTestFinished(() => laid[Symbol.dispose]());
  return laid;
}

describe('who may read', () => {
  test('nobody without a secret that is valid: 401 with the scheme', async () => {
    const publicId = await house.idp.declare({ feed: true, type: 'public' });
    const strangers = [
      { secret: 'wrong' },
      { id: 'nobody' },
      { secret: '' },
      { id: publicId },
      { id: publicId, secret: '' },
      { id: '%' },
    ];
    for (const who of strangers) {
      const { response } = await house.open(who);
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        401,
        'Basic realm="revocations", charset="UTF-8"',
      ]);
    }
    expect((await fetch(`${house.idp.origin}/revocations`)).status).toBe(401);
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    expect((await fetch(`${house.idp.origin}/revocations/acknowledgements`, post)).status).toBe(401);
  });

  test('no client that is not declared as a reader: 403', async () => {
    const id = await house.idp.declare();
    const { response } = await house.open({ id });
    expect([response.status, response.headers.get('content-type')]).toEqual([403, 'application/json; charset=utf-8']);
  });

  test('the answer is a stream that nothing on the way keeps, with the headers of every answer', async () => {
    const { response } = await house.open();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect(response.headers.has('content-encoding')).toBe(false);
  });

  test.each([
    ['disabled', `update client set disabled_at = now() where id = ?`],
    ['without its declaration', `update client set metadata = metadata || '{"feed": false}' where id = ?`],
    ['without the secret it came with', `delete from client_secret where client_id = ?`],
  ])('a client that is %s is sent away within seconds, and only it', async (_what, change) => {
    const id = await house.idp.declare({ feed: true });
    const [stream, other] = [await house.open({ id }), await house.open()];
    await stream.said('proof');
    await house.idp.sql(change, [id]);
    await house.idp.sql('update configuration_version set version = version + 1');
    const began = performance.now();
    expect(await stream.said('nothing')).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(3000);
    expect((await house.open({ id })).response.status).toBeGreaterThanOrEqual(401);
    expect(await other.said('proof')).toBeTruthy();
  });

  test('of one client, more than a hundred streams on a node are refused', async () => {
    const id = await house.idp.declare({ feed: true });
    const streams = await Promise.all(Array.from({ length: 100 }, () => house.open({ id })));
    const one = await house.open({ id });
    expect([one.response.status, one.response.headers.get('retry-after')]).toEqual([429, '10']);
    streams[0]?.leave();
    await eventually(async () => {
      const again = await house.open({ id });
      return again.response.status === 200;
    });
    for (const { leave } of streams) leave();
  });
});

const subsOf = (batch: Record<string, unknown> | undefined): unknown[] =>
  z
    .array(z.object({ target: z.looseObject({}) }))
    .parse(batch?.['entries'])
    .map(({ target }) => target['sub']);

describe('what a stream says', () => {
  test('opened with the challenge, then what the reader lacks, then a proof that carries the cursor', async () => {
    const known = await house.ban();
    const first = await house.open({ query: '?challenge=abc' });
    const opened = await first.said('opened');
    expect(opened).toMatchObject({ challenge: 'abc', epoch: expect.any(String), now: expect.any(Number) });
    const batch = await first.said('batch');
    expect(batch).toMatchObject({ challenge: 'abc', index: 0, snapshot: true });
    expect(subsOf(batch)).toContain(known);
    const proof = await first.said('proof');
    expect(proof?.['id']).toBe(`${String(proof?.['epoch'])}:${String(proof?.['seq'])}`);

    const missed = await house.ban();
    const again = await house.open({ cursor: String(proof?.['id']) });
    const resumed = await again.said('batch');
    expect(resumed).toMatchObject({ snapshot: false, last: true });
    expect(subsOf(resumed)).toContain(missed);
    expect(subsOf(resumed)).not.toContain(known);

    for (const cursor of ['another-epoch:1', 'nonsense', `${String(proof?.['epoch'])}:999999999`]) {
      const cold = await house.open({ query: `?after=${cursor}` });
      expect(await cold.said('batch')).toMatchObject({ snapshot: true });
    }
  });

  test('a reader that was away until a lifted ban had run out learns of the lift all the same', async () => {
    const sub = await house.ban();
    const stream = await house.open();
    await stream.said('batch');
    const cursor = String((await stream.said('proof'))?.['id']);
    await house.lift(sub);
    await house.idp.sql(`update revocation set expires_at = now() - interval '1 hour' where target->>'sub' = ?`, [sub]);
    const again = await house.open({ cursor });
    expect(subsOf(await again.said('batch'))).toContain(sub);
  });

  test('every broadcast is numbered without a gap, and proofs come at least once a second', async () => {
    const stream = await house.open();
    const n = (await stream.said('opened'))?.['n'];
    const began = performance.now();
    const proofs = [await stream.said('proof'), await stream.said('proof'), await stream.said('proof')];
    expect(performance.now() - began).toBeLessThan(3000);
    expect(proofs.map((proof) => proof?.['n'])).toEqual([1, 2, 3].map((more) => Number(n) + more));
  });
});

test('on the wire a ban is an event token for this client, and one version of it is never said twice', async () => {
  const stream = await house.open();
  await stream.said('proof');
  const sub = await house.ban();
  const versions: number[] = [];
  for (let proofs = 0; proofs < 4;) {
    const event = await stream.next();
    const claims = await house.claims(event?.data ?? '', house.clientId);
    const events = claims['events'] as Record<string, { entry: { seq: number } }>;
    if (events['urn:portcullis:event:proof']) proofs += 1;
    const own = events['urn:portcullis:event:revocation'];
    if (!own) continue;
    expect(claims).toMatchObject({ aud: house.clientId, sub_id: { format: 'iss_sub', iss: house.idp.issuer, sub } });
    expect(events).toHaveProperty(['https://schemas.openid.net/secevent/risc/event-type/account-disabled']);
    versions.push(own.entry.seq);
  }
  expect(versions.length).toBeGreaterThan(0);
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
  expect(Number.isInteger(versions.at(-1))).toBe(true);
});

test('a ban reaches a mirror on the feed within a second, its receipt says so, and lifting it frees new tokens only', async () => {
  const mirror = house.mirror();
  await mirror.ready();
  const sub = await house.ban();
  await expectSoon(() => mirror.is(sub) === 'revoked', aSecond);
  expect(mirror.is(randomUUID())).toBe('clear');

  const [entry] = await house.idp.sql<{ id: string; seq: string }>(
    `select id, seq from revocation where target->>'sub' = ?`,
    [sub],
  );
  const receipts = createReceipts(house.idp.memory);
  const receipt = await eventually(async () => {
    const all = await receipts.of([{ id: String(entry?.id), seq: Number(entry?.seq) }]);
    return all.find(({ app, state }) => app === house.clientId && state === 'enforced');
  });
  expect(receipt?.lastSeenMs).toBeLessThan(5000);
  expect(receipt?.afterMs).toBeLessThan(aSecond.withinMs);

  await house.lift(sub);
  await expectSoon(() => mirror.is(sub) === 'clear');
  expect(mirror.is(sub, Math.floor(Date.now() / 1000) - 120)).toBe('revoked');
});

test('the stream is cut and healed: what happened meanwhile is known, old news too, and nothing was ever clear by mistake', async () => {
  const wire = await cable(bare);
  const mirror = house.mirror({ fetch: wire.fetch });
  await mirror.ready();
  const before = await house.ban();
  await expectSoon(() => mirror.is(before) === 'revoked');
  for (let round = 0; round < 3; round += 1) {
    wire.cut();
    const meanwhile = await house.ban();
    wire.mend();
    await expectSoon(() => mirror.is(meanwhile) === 'revoked', { withinMs: 5000 });
    await expectSoon(() => mirror.is(randomUUID()) === 'clear');
  }
  expect(mirror.is(before)).toBe('revoked');
});

test('F-08: cut off for longer than it may be stale, a mirror knows nothing, and is back within seconds of healing', async () => {
  const wire = await cable(bare);
  const mirror = house.mirror({ fetch: wire.fetch, maxStalenessMs: 1500 });
  await mirror.ready();
  wire.freeze();
  const sub = await house.ban();
  await expectSoon(() => mirror.is(sub) === 'unknown', { withinMs: 3000 });
  expect(mirror.is(randomUUID())).toBe('unknown');
  wire.thaw();
  await expectSoon(() => mirror.is(sub) === 'revoked');
});

test('a node goes and another takes its readers: no revocation is missed', async () => {
  const second = await house.idp.node({ bare: true });
  const wire = await cable(bare);
  const mirror = house.mirror({ fetch: wire.fetch });
  await mirror.ready();
  wire.cut();
  const sub = await house.ban();
  wire.lead(second);
  wire.mend();
  await expectSoon(() => mirror.is(sub) === 'revoked');
  const later = await house.ban();
  await expectSoon(() => mirror.is(later) === 'revoked', aSecond);
});

test('F-15: a change of the signing keys is said on the feed within seconds', async () => {
  const mirror = house.mirror();
  await mirror.ready();
  let heard = 0;
  mirror.onKeysChanged(() => (heard += 1));
  const signing = `select kid from signing_key where state = 'next' and alg = 'RS256'`;
  await house.idp.sql(`update signing_key set state = 'retired' where kid in (${signing})`);
  await house.idp.sql('update configuration_version set version = version + 1');
  await expectSoon(() => heard > 0);
  expect(mirror.status().state).toBe('fresh');
});

test('acknowledgements that are not in the words of the contract are refused, and so are those too long', async () => {
  const post = (body: object) =>
    fetch(`${house.idp.origin}/revocations/acknowledgements`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${house.clientId}:${clientSecret}`)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
  const said = { instance: 'a', run: randomUUID(), state: 'fresh', epoch: 'e', upto: 1, seqs: [1] };
  expect((await post(said)).status).toBe(204);
  expect((await post({ ...said, leaving: true })).status).toBe(204);
  const wrong = [{ app: 'other' }, { seqs: [-1] }, { seqs: Array.from({ length: 1001 }, () => 1) }, { state: 'x' }];
  for (const over of wrong) expect((await post({ ...said, ...over })).status).toBe(400);
});
