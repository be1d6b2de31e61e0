import { startRedis, unique } from '@portcullis/testing';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';

import { createThrottle } from './throttle.ts';

const limits = { account: 4, address: 1000 };

async function node(url: string) {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => 20 });
  redis.on('error', () => undefined); // that Redis is away is what some of these tests are about
  await redis.connect();
  const throttle = createThrottle({ redis, limits });
  return { redis, ...throttle, [Symbol.dispose]: () => redis.disconnect() };
}

test('R-44: of many parallel attempts on several nodes exactly the limit is let through', async () => {
  await using server = await startRedis();
  using one = await node(server.url);
  using two = await node(server.url);
  const account = unique('account');

  const attempts = Array.from({ length: 60 }, (_, i) =>
    (i % 2 ? one : two).reserve({ account, address: `192.0.2.${i}` }),
  );
  const granted = (await Promise.all(attempts)).filter((attempt) => attempt.ok);

  expect(granted).toHaveLength(limits.account);
});

test('R-44: one address is counted over all the accounts it tries, and then locks nobody any more', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const { reserve } = createThrottle({ redis: idp.redis, limits: { account: 2, address: 5 } });
  const guess = (account: string) => reserve({ account, address: '2001:db8::1' });
  for (const account of ['a', 'b', 'c', 'd', 'e']) expect((await guess(account)).ok).toBe(true);

  expect((await guess('f')).ok).toBe(false);
  expect((await guess('f')).ok).toBe(false);

  expect((await reserve({ account: 'f', address: '192.0.2.1' })).ok).toBe(true);
});

test('R-44: each lock in a day is longer, up to an hour, and attempts during it do not prolong it', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const { redis, reserve } = idp;
  const account = unique('account');
  const waits: number[] = [];

  for (let round = 0; round < 4; round += 1) {
    for (let i = 0; i < limits.account; i += 1) expect((await reserve({ account, address: '::1' })).ok).toBe(true);
    const refused = await reserve({ account, address: '::1' });
    const again = await reserve({ account, address: '::1' });
    if (refused.ok || again.ok) throw new Error('the lock does not hold');
    expect(again.retryAfterSeconds).toBeLessThanOrEqual(refused.retryAfterSeconds);
    waits.push(refused.retryAfterSeconds / 60);
    await lockEnds(redis);
  }

  expect(waits).toEqual([15, 30, 60, 60]);
});

test('R-44: an address comes free with its window, however much goes on there, and its locks do not grow', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const { reserve } = createThrottle({ redis: idp.redis, limits: { account: 100, address: 2 } });
  const guess = () => reserve({ account: unique('account'), address: '192.0.2.1' });
  await guess();
  await idp.redis.expire('throttle:{address:192.0.2.1}', 100);

  await guess();

  expect(await guess()).toEqual({ ok: false, retryAfterSeconds: 100 });
});

test('A-01: an account comes free only a quarter of an hour after the last guess, so no window has more', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const account = unique('account');
  await idp.reserve({ account, address: '::1' });
  const [key = ''] = await idp.redis.keys('throttle:{account:*');
  await idp.redis.expire(key, 10);

  await idp.reserve({ account, address: '::1' });

  expect(await idp.redis.ttl(key)).toBeGreaterThan(890);
});

test('R-44: the right secret forgets earlier locks', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const { redis, reserve } = idp;
  const account = unique('account');
  const attempt = () => reserve({ account, address: '::1' });
  const exhaust = async () => {
    for (let i = 0; i < limits.account; i += 1) await attempt();
    return attempt();
  };
  await exhaust();
  await lockEnds(redis);
  const right = await attempt();
  if (!right.ok) throw new Error('refused too early');
  await right.succeeded();

  expect(await exhaust()).toEqual({ ok: false, retryAfterSeconds: 900 });
});

test('R-44: the right secret clears the account, but gives its address one place only', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const { reserve } = createThrottle({ redis: idp.redis, limits: { account: 10, address: 3 } });
  const guess = () => reserve({ account: 'victim', address: '192.0.2.9' });
  await guess();
  await guess();
  const own = await reserve({ account: 'own', address: '192.0.2.9' });
  if (!own.ok) throw new Error('refused too early');
  await own.succeeded();

  expect((await guess()).ok).toBe(true);
  expect((await guess()).ok).toBe(false);
});

test('R-44: guesses made elsewhere do not keep out a browser that has signed in before, and it has a limit of its own', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const account = unique('account');
  const known = { name: 'known', factorShown: false };
  const guess = (browser?: typeof known) => idp.reserve({ account, address: '::1', browser });
  const guesses = async (browser?: typeof known) => {
    const all = await Promise.all(Array.from({ length: 20 }, () => guess(browser)));
    return all.filter(({ ok }) => ok).length;
  };

  expect(await guesses()).toBe(limits.account);
  expect(await guesses(known)).toBe(limits.account);
  expect(await guesses(known)).toBe(0);
  await idp.clear({ account, browser: known, factorShown: false });

  expect((await guess(known)).ok).toBe(true);
  expect((await guess()).ok).toBe(false); // a sign-in at the owner's browser gives the guessers nothing
});

test('A-24: the lock of second factors doubles up to a day, neither a new password nor a sign-in by password alone lifts it, one with a factor does', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const { reserve, clear, passwordRenewed } = createThrottle({
    redis: idp.redis,
    limits: { account: 1000, address: 1000 },
  });
  const account = unique('account');
  const guess = () => reserve({ account, address: '::1', factor: true });
  const minutes: number[] = [];
  for (let round = 0; round < 11; round += 1) {
    for (let i = 0; i < 5; i += 1) expect((await guess()).ok).toBe(true);
    const refused = await guess();
    minutes.push(refused.ok ? 0 : Math.ceil(refused.retryAfterSeconds / 60));
    if (round < 10) await idp.redis.del(await idp.redis.keys('throttle:{factor:*}'));
  }

  expect(minutes).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
  await passwordRenewed({ account });
  expect((await guess()).ok).toBe(false);
  expect((await reserve({ account, address: '::1' })).ok).toBe(true); // the password may be tried meanwhile
  await clear({ account, factorShown: false });
  expect((await guess()).ok).toBe(false);
  await clear({ account, factorShown: true });
  expect((await guess()).ok).toBe(true);
});

test('A-24: a browser has guesses at factors of its own only once a factor was shown there', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const account = unique('account');
  const granted = async (name: string, factorShown: boolean) => {
    const browser = { name, factorShown };
    const guess = () =>
      createThrottle({ redis: idp.redis }).reserve({ account, address: '::1', browser, factor: true });
    return (await Promise.all(Array.from({ length: 9 }, guess))).filter(({ ok }) => ok).length;
  };

  expect([await granted('one', false), await granted('two', false)]).toEqual([5, 0]);
  expect(await granted('of the owner', true)).toBe(5);
});

test('R-44: a guess at a factor that is refused by one count costs no place in the other', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const { reserve } = createThrottle({ redis: idp.redis, limits: { account: 3, address: 1000 } });
  const account = unique('account');
  const granted = async (factor: boolean) => {
    const all = await Promise.all(Array.from({ length: 30 }, () => reserve({ account, address: '::1', factor })));
    return all.filter(({ ok }) => ok).length;
  };

  expect(await granted(true)).toBe(3); // what the account has
  await lockEnds(idp.redis);
  expect(await granted(true)).toBe(2); // what is left of five
  expect(await granted(false)).toBe(1); // what is left of three
});

test('a place nothing was tested with comes back', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const { reserve } = idp;
  const account = unique('account');

  for (let i = 0; i < 3 * limits.account; i += 1) {
    const place = await reserve({ account, address: '::1' });
    if (place.ok) await place.untested();
    expect(place.ok).toBe(true);
  }
});

test('F-03: with Redis gone, or hanging, a stricter limiter in the process stands in, and clears up after itself', async () => {
  await using server = await startRedis();
  using idp = await node(server.url);
  const { reserve } = idp;
  const attempts = async (account: string) => {
    const all = Array.from({ length: 20 }, () => reserve({ account, address: '::1' }));
    return (await Promise.all(all)).filter((attempt) => attempt.ok);
  };

  server.pause();
  expect(await attempts(unique('account'))).toHaveLength(2);
  server.resume();
  await server.kill();
  const account = unique('account');
  const [granted, ...others] = await attempts(account);
  expect(others).toHaveLength(1);
  await granted?.succeeded();
  expect((await reserve({ account, address: '::1' })).ok).toBe(true);
});

/** Ends the running lock as time would, and keeps the memory of how often there was one. */
async function lockEnds(redis: Redis): Promise<void> {
  const keys = await redis.keys('throttle:{account:*');
  await redis.del(keys.filter((key) => !key.endsWith(':locks')));
}
