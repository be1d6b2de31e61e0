import { expect, test } from 'vitest';
import { Redis } from 'ioredis';
import pg from 'pg';
import { eventually, freePort, freshDatabase, startRedis, unique } from './index.ts';

test('every Redis is a server of its own: it pauses, comes back, and is empty after a restart', async () => {
  await using redis = await startRedis();
  await using other = await startRedis();
  const client = new Redis(redis.url, { commandTimeout: 150, retryStrategy: () => 20 });
  client.on('error', () => undefined);
  await client.set('kept', '1');
  const stranger = new Redis(other.url);
  expect(await stranger.get('kept')).toBe(null);
  stranger.disconnect();

  redis.pause();
  await expect(client.get('kept')).rejects.toThrow('timed out');
  redis.resume();
  expect(await eventually(() => client.get('kept'))).toBe('1');

  const first = redis.pid;
  await redis.restart();
  expect(redis.pid).not.toBe(first);
  expect(await eventually(async () => (await client.dbsize()) === 0)).toBe(true);
  await redis.kill();
  await expect(client.get('kept')).rejects.toThrow('timed out');
  client.disconnect();
});

test('a fresh database is empty, takes a template, and is dropped while somebody is connected', async () => {
  const first = await freshDatabase();
  const client = new pg.Client({ connectionString: first.url });
  client.on('error', () => undefined); // the drop ends this connection
  await client.connect();
  await client.query('create table kept (value int); insert into kept values (7)');
  await client.end();

  const copy = await freshDatabase({ template: new URL(first.url).pathname.slice(1) });
  const reader = new pg.Client({ connectionString: copy.url });
  reader.on('error', () => undefined);
  await reader.connect();
  expect((await reader.query('select value from kept')).rows).toEqual([{ value: 7 }]);
  await copy[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();

  const late = new pg.Client({ connectionString: copy.url });
  await expect(late.connect()).rejects.toThrow('does not exist');
});

test('eventually returns the first truthy answer and tells the last failure when there is none', async () => {
  let calls = 0;
  expect(await eventually(() => ++calls === 3 && 'third')).toBe('third');
  const never = eventually(() => Promise.reject(new Error('still cold')), { withinMs: 30 });
  await expect(never).rejects.toThrow('not so within 30 ms: still cold');
});

test('names and ports are not handed out twice in a row', async () => {
  expect(unique('person')).toMatch(/^person-[0-9a-f]{8}$/);
  expect(unique('a')).not.toBe(unique('a'));
  expect(await freePort()).toBeGreaterThan(1023);
});
