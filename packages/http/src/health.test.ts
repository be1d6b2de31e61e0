import { Registry, Counter } from 'prom-client';
import { expect, test } from 'vitest';
import { healthRoutes, metricsRoutes } from './health.ts';
import { serve } from './test-server.ts';

test('ready is 503 and names what failed, a check that hangs included; live stays 200', async () => {
  await using server = await serve((_, koa) =>
    koa.use(
      healthRoutes({
        ready: {
          postgres: async () => 1,
          redis: () => Promise.reject(new Error('secret detail')),
          keys: () => new Promise(() => {}),
        },
        details: () => ({ entries: 3 }),
      }).routes(),
    ),
  );
  const ready = await fetch(`${server.url}/health/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual({
    ready: false,
    checks: { postgres: 'ok', redis: 'failed', keys: 'failed' },
    details: { entries: 3 },
  });
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
});

test('probes within a second share one examination', async () => {
  let asked = 0;
  await using server = await serve((_, koa) => koa.use(healthRoutes({ ready: { db: async () => ++asked } }).routes()));
  await Promise.all(Array.from({ length: 20 }, () => fetch(`${server.url}/health/ready`)));
  expect(asked).toBe(1);
});

test('metrics are in the text format of Prometheus', async () => {
  const registry = new Registry();
  new Counter({ name: 'doors_total', help: 'Doors.', registers: [registry] }).inc();
  await using server = await serve((_, koa) => koa.use(metricsRoutes(registry).routes()));
  const response = await fetch(`${server.url}/metrics`);
  expect(response.headers.get('Content-Type')).toMatch(/^text\/plain/);
  expect(await response.text()).toContain('doors_total 1');
});
