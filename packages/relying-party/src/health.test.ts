import Koa from 'koa';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MirrorState, MirrorStatus } from '@portcullis/revocation';
import { expect, onTestFinished, test } from 'vitest';
import { createHealth } from './health.ts';

async function app({ state = 'fresh' as MirrorState, keys = true, database = true }) {
  const status: MirrorStatus = {
    state,
    entries: 3,
    ageMs: 20,
    lagMs: 4,
    epoch: 'e',
    seq: 7,
    source: 'redis',
    whenStale: { allow: 'nothing' },
    checks: { clear: 5, revoked: 2, unknown: 0 },
  };
  const passes = (good: boolean) => async () => {
    if (!good) throw new Error('not there');
  };
  const health = createHealth({
    mirror: { ready: passes(state === 'fresh'), status: () => status },
    verifier: { ready: passes(keys) },
  });
  const koa = new Koa();
  koa.use(health({ database: passes(database) }).routes());
  const handle = koa.callback();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (path: string) => fetch(url + path, { headers: { connection: 'close' } });
}

test('ready: sessions and tokens can be judged, and what the application itself needs is there', async () => {
  const response = await (await app({}))('/health/ready');

  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    checks: { mirror: 'ok', signingKeys: 'ok', database: 'ok' },
    details: { mirror: { state: 'fresh', entries: 3, source: 'redis', whenStale: { allow: 'nothing' } } },
  });
});

test.for([
  ['the mirror has not begun', { state: 'starting' }, 'mirror'],
  ['the mirror is past every bound', { state: 'closed' }, 'mirror'],
  ['F-17 the keys cannot be had', { keys: false }, 'signingKeys'],
  ['the application’s own check fails', { database: false }, 'database'],
] as const)('not ready: %s', async ([, over, check]) => {
  const response = await (await app(over))('/health/ready');

  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ checks: { [check]: 'failed' } });
});

test('F-08 a stale mirror under a policy that allows reads does not take the application out', async () => {
  expect((await (await app({ state: 'stale' }))('/health/ready')).status).toBe(200);
});

test('metrics tell of the mirror', async () => {
  const text = await (await (await app({}))('/metrics')).text();

  expect(text).toContain('portcullis_mirror_entries 3');
  expect(text).toContain('portcullis_mirror_state{state="fresh"} 1');
  expect(text).toContain('portcullis_mirror_checks_total{verdict="revoked"} 2');
});
