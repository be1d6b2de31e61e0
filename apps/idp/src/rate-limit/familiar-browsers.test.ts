import { Secret } from '@portcullis/config';
import { createKoa, createLog, listen } from '@portcullis/http';
import { expect, test } from 'vitest';
import { createFamiliarBrowsers } from './familiar-browsers.ts';

test('R-44: a browser has one name per account that has signed in with it, until its password changes, and nobody can make one up', async () => {
  const browsers = createFamiliarBrowsers({ https: false });
  const koa = createKoa({
    log: createLog({ name: 'test', level: 'silent' }),
    trustedHops: 0,
    keys: [new Secret('test-key-test-key-test-key-test-key')],
    https: false,
    errorPage: () => '',
  });
  koa.use((ctx) => {
    const owner = { email: ctx.path.slice(1), passwordSince: Number(ctx.query['since'] ?? 0) };
    if (ctx.method === 'POST') browsers.remember(ctx, owner, { factorShown: ctx.query['factor'] === 'shown' });
    ctx.body = browsers.of(ctx, owner) ?? { name: null };
  });
  await using server = await listen(koa, { port: 0, allowedHosts: ['localhost:0'] });
  let cookie = '';
  const signIn = async (account: string) => {
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const response = await fetch(`${server.url}/${account}`, { method: 'POST', headers });
    const set = response.headers.getSetCookie().map((value) => value.split(';')[0]);
    cookie = set.join('; ');
  };
  const nameOf = async (account: string, headers = { cookie }) =>
    ((await (await fetch(`${server.url}/${account}`, { headers })).json()) as { name: string | null }).name;

  expect(await nameOf('ada@example.org')).toBeNull();
  await signIn('ada@example.org');
  const name = await nameOf('ada@example.org');
  await signIn('bob@example.org');
  await signIn('ada@example.org');

  expect(name).toMatch(/^[\w-]{46}$/);
  expect(await nameOf('ada@example.org')).toBe(name);
  expect(await nameOf('bob@example.org')).not.toBe(name);
  expect(await nameOf('eve@example.org')).toBeNull();
  const madeUp = { cookie: cookie.replace(String(name), `${name?.slice(0, -1)}${name?.endsWith('A') ? 'B' : 'A'}`) };
  expect(await nameOf('ada@example.org', madeUp)).toBeNull();

  await signIn('ada@example.org?factor=shown');
  const stronger = await nameOf('ada@example.org');
  await signIn('ada@example.org');
  expect(stronger).toMatch(/^[\w-]{46}~$/);
  expect(await nameOf('ada@example.org')).toBe(stronger);

  expect(await nameOf('ada@example.org?since=1')).toBeNull();
  await signIn('ada@example.org?since=1');
  expect(await nameOf('ada@example.org?since=1')).toMatch(/^[\w-]{46}$/);
  expect([await nameOf('ada@example.org'), await nameOf('bob@example.org')]).toEqual([null, expect.any(String)]);

  for (const other of ['c', 'd', 'e', 'f', 'g']) await signIn(`${other}?factor=shown`);
  expect(await nameOf('ada@example.org?since=1')).toBeNull();
  expect(cookie.length).toBeLessThan(400);
});
