import { eventually } from '@portcullis/testing';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { crowding } from './test/crowding.ts';
import { startReceiver } from './test/receiver.ts';
import { logoutClaims, openSendingHouse } from './test/sending.ts';

vi.setConfig({ testTimeout: 60_000 });

const house = await openSendingHouse();
const { cluster, receiver, sending, listening } = house;
afterEach(() => sending.stopNodes());
afterAll(() => house[Symbol.asyncDispose]());

test('the first try is made within a second of the act', async () => {
  sending.start();
  const { id, path } = await listening();
  await sending.endSession(id);
  const acted = Date.now();
  await eventually(() => receiver.at(path).length);
  expect((receiver.at(path)[0]?.at ?? Infinity) - acted).toBeLessThan(1000 * crowding());
});

test('any answer but 200 and 204 is tried again, with the same jti and a new token; no redirect is followed', async () => {
  sending.start();
  const refusals = [500, 400, 302, 201];
  const all = await Promise.all(
    refusals.map(async (status) => {
      const { id, path } = await listening();
      receiver.answer(path, (response) => response.writeHead(status, { location: receiver.url('/elsewhere') }).end());
      return { status, id, path, entry: await sending.endSession(id) };
    }),
  );
  for (const { status, id, path, entry } of all) {
    await eventually(() => receiver.at(path).length >= 2, { withinMs: 10_000 });
    await eventually(async () => (await sending.report(entry)).attempts > 0);
    const failing = { recipient: id, state: 'retrying', lastError: `answered with ${status}`, deliveredAt: null };
    expect(await sending.report(entry)).toMatchObject(failing);
    receiver.answer(path, 204);
  }
  expect(receiver.at('/elsewhere')).toEqual([]);

  for (const { path, entry } of all) {
    await eventually(async () => (await sending.report(entry)).state === 'delivered', { withinMs: 20_000 });
    const tries = receiver.at(path).map(logoutClaims);
    expect(await sending.report(entry)).toMatchObject({
      attempts: tries.length,
      lastError: null,
      nextAttemptAt: null,
      deliveredAt: expect.any(Date),
    });
    expect(new Set(tries.map(({ jti, toe }) => `${jti} ${String(toe)}`)).size).toBe(1);
    expect(tries.at(-1)?.iat).toBeGreaterThan(tries[0]?.iat ?? Infinity);
  }
});

test('F-19: an application that was away is told when it is back; until then it shows as retrying, with the next try', async () => {
  const node = sending.start();
  await using away = await startReceiver();
  const id = await sending.application({ backchannelLogoutUri: away.url('/logout') });
  await away.stop();

  const entry = await sending.endSession(id);
  await eventually(
    async () => (await sending.report(entry)).attempts > 1 && (await sending.report(entry)).nextAttemptAt,
  );
  const { nextAttemptAt, ...waiting } = await sending.report(entry);
  expect(waiting).toMatchObject({ state: 'retrying', lastError: 'ECONNREFUSED' });
  expect(nextAttemptAt?.getTime()).toBeLessThan(Date.now() + 30_500);
  await eventually(() => node.status()?.retrying, { withinMs: 10_000 });

  await away.comeBack();
  await eventually(() => away.at('/logout').length, { withinMs: 20_000 });
  expect(node.told).toEqual([]); // an application that is away is no trouble of ours
});

test('F-19: the waits grow to thirty seconds at most, however long the application is away', async () => {
  const { id } = await listening();
  const entry = await sending.endSession(id);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 12; attempt++) {
    await cluster.pool.query('update pgboss.job set start_after = now() where id = $1', [
      (await sending.report(entry)).id,
    ]);
    const [job] = await sending.outbox.take(1);
    if (!job) throw new Error('it was not due');
    await sending.outbox.failed(job, 'away');
    const { nextAttemptAt } = await sending.report(entry);
    waits.push(((nextAttemptAt?.getTime() ?? NaN) - Date.now()) / 1000);
  }
  expect(waits[0]).toBeLessThan(2.1);
  expect(Math.max(...waits)).toBeLessThanOrEqual(30.1);
  expect(waits.at(-1)).toBeGreaterThan(29);
  await cluster.pool.query('delete from pgboss.job where id = $1', [(await sending.report(entry)).id]);
});

test('after 24 hours it is given up, and that shows', async () => {
  const node = sending.start();
  const { id, path } = await listening();
  receiver.answer(path, 503);
  const entry = await sending.endSession(id);
  await eventually(() => receiver.at(path).length);
  await cluster.pool.query(`update delivery set created_at = now() - interval '24 hours 1 second' where id = $1`, [
    (await sending.report(entry)).id,
  ]);

  await eventually(async () => (await sending.report(entry)).state === 'given_up', { withinMs: 20_000 });
  expect(await sending.report(entry)).toMatchObject({ lastError: 'answered with 503', nextAttemptAt: null });
  expect(node.told).toEqual(['delivery: given up']);
  expect(await jobOf(entry)).not.toMatchObject({ state: 'retry' });
});

test('an application that no longer has an address is given up at once', async () => {
  const { id } = await listening();
  const entry = await sending.endSession(id);
  await sending.application({ id }); // declared anew, without
  sending.start();
  await eventually(async () => (await sending.report(entry)).state === 'given_up');
  expect(await sending.report(entry)).toMatchObject({ lastError: 'no address to send it to', attempts: 1 });
});

test('F-19: a hanging application with many sessions holds up no other', async () => {
  sending.start();
  const [hanging, quick] = [await listening(), await listening()];
  receiver.answer(hanging.path, () => {});
  for (let i = 0; i < 60; i++) await sending.endSession(hanging.id);
  await eventually(() => receiver.at(hanging.path).length >= 10);

  const acted = Date.now();
  for (let i = 0; i < 20; i++) await sending.endSession(quick.id);
  await eventually(() => receiver.at(quick.path).length === 20);
  expect(Date.now() - acted).toBeLessThan(3000 * crowding());
  const { rows } = await cluster.pool.query<{ n: number }>(
    `select count(*)::int as n from pgboss.job where state = 'active' and group_id like $1`,
    [`%${hanging.id}`],
  );
  expect(rows[0]?.n).toBeLessThanOrEqual(16);
  receiver.answer(hanging.path, 200);
});

test('what a recipient writes into its answer is not read', async () => {
  sending.start();
  const { id, path } = await listening();
  let written = 0;
  receiver.answer(path, (response) => {
    response.writeHead(200);
    const more = (): void => {
      written += 1;
      if (!response.destroyed && response.write('x'.repeat(65_536))) setImmediate(more);
      else response.once('drain', more);
    };
    more();
  });
  const entry = await sending.endSession(id);
  await eventually(async () => (await sending.report(entry)).state === 'delivered');
  expect(written).toBeLessThan(1000);
});

test('the log is kept for thirty days', async () => {
  const { id } = await listening();
  const [old, recent] = [await sending.endSession(id), await sending.endSession(id)];
  await cluster.pool.query(`update delivery set created_at = now() - interval '31 days' where revocation_id = $1`, [
    old,
  ]);
  await sending.deliveries.sweep();
  expect(await sending.deliveries.of([old, recent])).toHaveLength(1);
});

async function jobOf(entry: string) {
  const { rows } = await cluster.pool.query<{ state: string }>('select state from pgboss.job where id = $1', [
    (await sending.report(entry)).id,
  ]);
  return rows[0];
}
