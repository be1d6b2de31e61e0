import { fork } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '@portcullis/testing';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { startCable } from './test/cable.ts';
import { crowding } from './test/crowding.ts';
import { logoutClaims, openSendingHouse } from './test/sending.ts';

vi.setConfig({ testTimeout: 60_000 });

const house = await openSendingHouse();
const { cluster, receiver, sending, listening } = house;
afterEach(() => sending.stopNodes());
afterAll(() => house[Symbol.asyncDispose]());

test('several nodes deliver each message once', async () => {
  const { id, path } = await listening();
  const { accountId } = await cluster.signedIn(undefined, id);
  const uids = [];
  for (let i = 0; i < 40; i++) uids.push((await cluster.signedIn(accountId, id)).uid);
  for (let i = 0; i < 3; i++) sending.start();
  const entries = await Promise.all(uids.map(sending.end));
  await eventually(async () => (await sending.deliveries.of(entries)).every(({ state }) => state === 'delivered'), {
    withinMs: 10_000,
  });
  expect(new Set(receiver.at(path).map((request) => logoutClaims(request).jti)).size).toBe(40);
  expect(receiver.at(path)).toHaveLength(40);
});

test('an act that is rolled back is told to nobody', async () => {
  sending.start();
  const { id, path } = await listening();
  const { uid } = await cluster.signedIn(undefined, id);
  const { ledger } = cluster.node();
  const failing = cluster.em().transactional(async (em) => {
    const target = { kind: 'session', sid: uid } as const;
    await ledger.record(em, { target, cause: 'session_ended', issuedBefore: null, actor: null });
    await em.flush();
    throw new Error('the act failed');
  });
  await expect(failing).rejects.toThrow('the act failed');

  const entry = await sending.endSession(id); // comes after it in the queue
  await eventually(async () => (await sending.report(entry)).state === 'delivered');
  expect(receiver.at(path)).toHaveLength(1);
  expect((await cluster.pool.query('select 1 from pgboss.job where group_id like $1', [`%${id}`])).rowCount).toBe(1);
});

test('outside a transaction nothing is enqueued: the act could fail afterwards', async () => {
  const { id } = await listening();
  const { uid } = await cluster.signedIn(undefined, id);
  const target = { kind: 'session', sid: uid } as const;
  const { ledger } = cluster.node();
  const entry = { target, cause: 'session_ended', issuedBefore: null, actor: null } as const;
  await expect(ledger.record(cluster.em(), entry)).rejects.toThrow('in the transaction of its act');
});

test('a process that dies right after its commit: another one delivers', async () => {
  const { id, path } = await listening();
  const { uid, accountId } = await cluster.signedIn(undefined, id);
  const script = new URL('test/act-and-die.ts', import.meta.url);
  const child = fork(script, [cluster.databaseUrl, cluster.redis.url, uid]);
  const [, signal] = (await once(child, 'exit')) as [number | null, string];
  expect(signal).toBe('SIGKILL');
  expect(receiver.at(path)).toEqual([]);

  sending.start();
  await eventually(() => receiver.at(path).length);
  expect(receiver.at(path).map((request) => logoutClaims(request).sub)).toEqual([accountId]);
});

test('a node that is stopped leaves at once, and what it had under way is done by another', async () => {
  const node = sending.start();
  const { id, path } = await listening();
  receiver.answer(path, () => {});
  const entry = await sending.endSession(id);
  await eventually(() => receiver.at(path).length);

  const started = performance.now();
  await node[Symbol.asyncDispose]();
  expect(performance.now() - started).toBeLessThan(2000 * crowding());
  receiver.answer(path, 200);
  sending.start();
  await eventually(async () => (await sending.report(entry)).state === 'delivered', { withinMs: 10_000 });
});

test('a node that dies in the middle of a try: another one repeats it', async () => {
  const { id, path } = await listening();
  const entry = await sending.endSession(id);
  await eventually(async () => (await sending.outbox.take(100)).length); // taken, and never heard of again
  await cluster.pool.query(`update pgboss.job set started_on = now() - interval '1 minute' where id = $1`, [
    (await sending.report(entry)).id,
  ]);
  sending.start();
  await eventually(async () => (await sending.report(entry)).state === 'delivered', { withinMs: 40_000 });
  expect(receiver.at(path)).toHaveLength(1);
});

test('PostgreSQL away: told once, nothing breaks, and it goes on when PostgreSQL is back', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  using cable = await startCable(new URL(cluster.databaseUrl));
  const node = sending.start({ url: cable.url });
  await eventually(() => node.status());

  cable.cut();
  const { id, path } = await listening();
  await sending.endSession(id);
  await eventually(() => cable.refused() > 4);
  expect(receiver.at(path)).toEqual([]);

  cable.mend();
  await eventually(() => receiver.at(path).length, { withinMs: 10_000 });
  await eventually(() => node.told.at(-1) === 'deliveries: going on');
  expect(node.told.filter((line) => line.startsWith('deliveries'))).toEqual([
    'deliveries: waiting, will be tried again',
    'deliveries: going on',
  ]);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
