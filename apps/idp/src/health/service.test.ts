import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '#database/orm.ts';
import { startCluster, type Cluster } from '#revocations/test/cluster.ts';
import { createHealthChecks } from './service.ts';

const deliveries = { status: () => ({ waiting: 2, retrying: 1 }) };
const letters = { status: () => undefined };
let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

test('F-10: ready needs PostgreSQL, Redis and a signing key, each on its own', async () => {
  const { ledger } = cluster.node();
  const { ready } = createHealthChecks({ pool: cluster.pool, redis: cluster.direct, ledger, deliveries, letters });
  await ready.postgres();
  await ready.redis();
  await expect(ready.signingKeys()).rejects.toThrow('no active signing key');
  await cluster.pool.query(
    `insert into signing_key (kid, alg, public_jwk, private_jwk, state, created_at, state_changed_at) values ('k', 'ES256', '{}', '', 'active', now(), now())`,
  );
  await ready.signingKeys();

  const nowhere = createPool({ url: 'postgres://127.0.0.1:1/nowhere', poolSize: 1 });
  const without = createHealthChecks({ pool: nowhere, redis: cluster.direct, ledger, deliveries, letters }).ready;
  await expect(without.postgres()).rejects.toThrow('ECONNREFUSED');
  await nowhere.end();
});

test('the details say where the denylist stands and what waits to be delivered, without asking anybody', async () => {
  const { ledger } = cluster.node();
  const { details } = createHealthChecks({ pool: cluster.pool, redis: cluster.direct, ledger, deliveries, letters });
  expect(details()).toMatchObject({
    denylist: { state: 'unknown' },
    deliveries: { waiting: 2, retrying: 1 },
    letters: null,
  });
  await ledger.reconcile();
  expect(details()).toMatchObject({ denylist: { state: 'in_step', epoch: expect.any(String), waiting: 0 } });
});
