import { randomUUID } from 'node:crypto';
import { eventually } from '@portcullis/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clientId, clientSecret, startTestIssuer, type TestStream } from './feed-source-test-issuer.ts';
import { feedSource } from './feed-source.ts';
import { createMirror, type Mirror } from './mirror.ts';
import type { Revocation } from './revocation.ts';

type TestIssuer = Awaited<ReturnType<typeof startTestIssuer>>;

let sequence = 0;
function ban(sub: string, over: Partial<Revocation> = {}): Revocation {
  sequence += 1;
  const target = { kind: 'account', sub } as const;
  return {
    id: randomUUID(),
    seq: sequence,
    target,
    issuedBefore: null,
    cause: 'ban',
    recordedAt: 0,
    expiresAt: null,
    ...over,
  };
}

async function bench({ maxStalenessMs = 5000 } = {}) {
  const issuer = await startTestIssuer();
  const mirror = createMirror({
    source: feedSource({ issuer: issuer.issuer, clientId, clientSecret }),
    app: clientId,
    instance: 'forum 1',
    maxStalenessMs,
  });
  onTestFinished(async () => {
    await mirror[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });
  return { issuer, mirror, is: (sub: string) => mirror.check({ sub }).state };
}

/** A mirror that is fresh by its first stream. */
async function freshBench(o: { maxStalenessMs?: number } = {}) {
  const made = await bench(o);
  const stream = await made.issuer.stream();
  await stream.snapshot();
  await stream.proof(0);
  await made.mirror.ready();
  return { ...made, stream };
}

test('the client names itself by HTTP Basic, form-encoded, and is unknown until snapshot and proof have come', async () => {
  const { issuer, mirror, is } = await bench();
  const stream = await issuer.stream();
  const [, encoded = ''] = issuer.requests[0]?.headers.authorization?.split(' ') ?? [];
  const [id, secret = ''] = Buffer.from(encoded, 'base64').toString().split(':');
  expect([id, decodeURIComponent(secret.replaceAll('+', ' '))]).toEqual([clientId, clientSecret]);

  await stream.opened();
  await stream.proof(0);
  await stream.batch([ban('mallory')], { last: false });
  await eventually(() => is('mallory') === 'revoked');
  expect([mirror.status().state, is('alice')]).toEqual(['starting', 'unknown']);

  await stream.batch([ban('trudy')], { index: 1 });
  await stream.proof(sequence);
  await mirror.ready();
  expect([is('alice'), is('mallory'), is('trudy')]).toEqual(['clear', 'revoked', 'revoked']);
  expect(mirror.status()).toMatchObject({ source: 'feed', epoch: 'e1', seq: sequence });
});

test('an event is refused at once, acknowledged by its sequence, and the proof after it by what it covers', async () => {
  const { issuer, stream, is } = await freshBench();
  const entry = ban('mallory');
  await stream.revocation(entry);
  await eventually(() => is('mallory') === 'revoked', { withinMs: 900 });
  await eventually(() => issuer.acknowledgements.some(({ seqs }) => (seqs as number[]).includes(entry.seq)), {
    withinMs: 900,
  });
  await stream.proof(entry.seq);
  await eventually(() => issuer.acknowledgements.some(({ upto }) => upto === entry.seq));
  expect(issuer.acknowledgements.at(-1)).toMatchObject({ instance: 'forum 1', epoch: 'e1', state: 'fresh' });
});

test('an entry without a number yet is enforced, gives way to its numbered version, and is not acknowledged before', async () => {
  const { issuer, stream, mirror, is } = await freshBench();
  const early = ban('mallory', { seq: 0.25 });
  await stream.revocation(early);
  await eventually(() => is('mallory') === 'revoked');
  const lifted = { ...early, seq: 0.5, issuedBefore: 1000 };
  await stream.revocation(lifted);
  await eventually(() => mirror.check({ sub: 'mallory', iat: 2000 }).state === 'clear');
  const numbered = { ...lifted, seq: (sequence += 1) };
  await stream.revocation(numbered);
  await eventually(() => issuer.acknowledgements.some(({ seqs }) => (seqs as number[]).includes(numbered.seq)));
  expect(issuer.acknowledgements.flatMap(({ seqs }) => seqs as number[])).toEqual([numbered.seq]);
  expect(mirror.check({ sub: 'mallory', iat: 500 }).state).toBe('revoked');
});

describe('what cannot be believed is not acted on and ends the stream: no freshness comes of it', () => {
  type Lie = (stream: TestStream, issuer: TestIssuer) => Promise<unknown>;
  const lies: [string, Lie][] = [
    ['unsigned', (stream) => stream.proof(9, 0, { alg: 'none' })],
    ['signed by a stranger', (stream, { foreignKey }) => stream.proof(9, 0, { key: foreignKey })],
    ['signed by a key of no name we know', (stream) => stream.proof(9, 0, { kid: 'other' })],
    ['signed with another algorithm', (stream) => stream.proof(9, 0, { alg: 'RS256' })],
    ['for another client', (stream) => stream.proof(9, 0, { aud: 'shop' })],
    ['of another issuer', (stream) => stream.proof(9, 0, { iss: 'https://other.example' })],
    ['an access token', (stream) => stream.proof(9, 0, { typ: 'at+jwt' })],
    ['a logout token', (stream) => stream.proof(9, 0, { typ: 'logout+jwt' })],
    ['not a token at all', async (stream) => stream.write('data: {"events":{}}\n\n')],
    ['an event we do not know', (stream) => stream.say('nonsense', { n: 42 })],
    ['an entry that cannot be read', (stream) => stream.say('revocation', { n: 42, at: 0, entry: { id: 'x' } })],
    ['after an event that was left out', async (stream) => (stream.leaveOneOut(), stream.proof(9))],
    ['a second opening', (stream) => stream.opened()],
    [
      'a batch of another stream',
      (stream) => stream.say('batch', { challenge: 'x', index: 1, last: true, entries: [] }),
    ],
    ['without an end', async (stream) => stream.write(`data: ${'x'.repeat(9 * 1024 * 1024)}`)],
  ];
  test.each(lies)('%s', async (_name, lie) => {
    const { issuer, mirror, stream, is } = await freshBench();
    const { ageMs } = mirror.status();
    const at = performance.now();

    await lie(stream, issuer);

    const next = await expectAnotherStream(issuer);
    expect(mirror.status().ageMs).toBeGreaterThanOrEqual(performance.now() - at);
    expect(mirror.status()).toMatchObject({ seq: 0 });
    expect(ageMs).toBeLessThan(5000);
    await next.snapshot([ban('mallory')]);
    await next.proof(sequence);
    await eventually(() => is('mallory') === 'revoked' && is('alice') === 'clear');
  });

  test('a recorded proof played again', async () => {
    const { issuer, stream } = await freshBench();
    const token = await stream.proof(0);
    stream.write(`data: ${token}\n\n`);
    await expectAnotherStream(issuer);
  });

  test('a whole recorded stream in answer to a new request', async () => {
    const { issuer, mirror } = await bench();
    const stream = await issuer.stream();
    await stream.opened({ challenge: 'of an earlier request' });
    const next = await expectAnotherStream(issuer);
    expect(mirror.status().state).toBe('starting');
    await next.snapshot();
    await next.proof(0);
    await mirror.ready();
  });

  test('a batch of another stream', async () => {
    const { issuer, mirror } = await bench();
    const stream = await issuer.stream();
    await stream.opened();
    await stream.say('batch', { challenge: 'x', index: 0, last: true, snapshot: true, entries: [] });
    await expectAnotherStream(issuer);
    expect(mirror.status().state).toBe('starting');
  });

  test('of a snapshot, a batch that is missing', async () => {
    const { issuer, mirror } = await bench();
    const stream = await issuer.stream();
    await stream.opened();
    await stream.batch([], { index: 1 });
    await expectAnotherStream(issuer);
    expect(mirror.status().state).toBe('starting');
  });
});

/** Because of what was said, and not because nothing was. */
async function expectAnotherStream(issuer: TestIssuer): Promise<TestStream> {
  const asked = performance.now();
  const stream = await issuer.stream();
  expect(performance.now() - asked).toBeLessThan(2500);
  return stream;
}

describe('freshness is measured, whatever the clocks and the road', () => {
  test('a proof that was long on the road is as old as it is', async () => {
    const { issuer, mirror } = await bench({ maxStalenessMs: 60_000 });
    const stream = await issuer.stream();
    await stream.snapshot();
    await stream.proof(0, -30_000); // read 30 s before the stream was opened
    await mirror.ready();
    expect(mirror.status().ageMs).toBeGreaterThanOrEqual(30_000);
  });

  test('a node whose clock runs away proves nothing of the future', async () => {
    const { issuer, mirror, stream } = await freshBench();
    await stream.proof(7, 3_600_000);
    await eventually(() => issuer.acknowledgements.some(({ upto }) => upto === 7));
    expect(mirror.status().ageMs).toBeGreaterThanOrEqual(0);
  });

  test('nothing on a stream but comments is silence: it is opened again within seconds, and meanwhile nothing is clear', async () => {
    const { issuer, stream, is } = await freshBench({ maxStalenessMs: 1500 });
    const began = performance.now();
    const talk = setInterval(() => stream.write(': still here\n\n'), 100);
    onTestFinished(() => clearInterval(talk));
    await eventually(() => is('alice') === 'unknown', { withinMs: 2500 });
    await issuer.stream();
    expect(performance.now() - began).toBeLessThan(6000);
  });
});

test('a stream that ends is opened again with the cursor of the last proof, and what was missed is all that comes', async () => {
  const { issuer, stream, is } = await freshBench();
  await stream.revocation(ban('mallory'));
  await stream.proof(7);
  await eventually(() => issuer.acknowledgements.some(({ upto }) => upto === 7));
  stream.end();

  const next = await issuer.stream();
  expect(issuer.requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'e1:7']);
  await next.opened();
  await next.batch([ban('trudy')], { snapshot: false });
  await next.proof(8);
  await eventually(() => is('trudy') === 'revoked');
  expect([is('mallory'), is('alice')]).toEqual(['revoked', 'clear']);
});

test('news of the signing keys is passed on, and so is the doubt after a stream that broke', async () => {
  const { issuer, mirror, stream } = await freshBench();
  let heard = 0;
  mirror.onKeysChanged(() => (heard += 1));
  await stream.keysChanged();
  await eventually(() => heard === 1);
  stream.end();
  await (await issuer.stream()).snapshot();
  expect(await eventually(() => heard === 2)).toBe(true);
});

test.each([401, 403, 429, 503])(
  'an answer of %i is no answer: tried again, slower and slower, until it is one',
  async (status) => {
    const { issuer, mirror } = await bench();
    const first = await issuer.stream();
    issuer.refuse(status);
    first.end();
    await eventually(() => issuer.requests.length >= 4);
    expect(mirror.status().state).toBe('starting');
    issuer.refuse(0);
    const stream = await issuer.stream();
    await stream.snapshot();
    await stream.proof(0);
    await mirror.ready();
  },
);

test('a mirror that ends says so, and leaves no connection and no timer behind', async () => {
  const { issuer, mirror, stream } = await freshBench();
  await eventually(() => issuer.acknowledgements.length > 0);
  await mirror[Symbol.asyncDispose]();
  expect(issuer.acknowledgements.at(-1)).toMatchObject({ leaving: true });
  await eventually(() => stream.closed());
  expect(statusOf(mirror)).toBe('closed');
});

const statusOf = (mirror: Mirror) => mirror.status().state;
