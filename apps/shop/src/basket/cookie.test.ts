import { expect, test } from 'vitest';
import { Secret } from '@portcullis/config';
import { createKoa, createLog, listen } from '@portcullis/http';
import { countItems, parseBasket } from './basket.ts';
import { createBasketCookie } from './cookie.ts';

/** Answers how many things it reads in the basket, and puts two mugs in. */
async function startServer(https: boolean) {
  const cookie = createBasketCookie({ https });
  const log = createLog({ name: 'test', level: 'silent' });
  const keys = [new Secret('a key for tests that is long enough.')];
  const koa = createKoa({ log, trustedHops: 0, keys, https, errorPage: () => '' });
  koa.use((ctx) => {
    ctx.body = String(countItems(cookie.read(ctx)));
    cookie.write(ctx, parseBasket('watchman-mug:2'));
  });
  return listen(koa, { port: 0, allowedHosts: ['localhost:0'] });
}

test.each([
  [true, '__Host-shop_basket', true],
  [false, 'shop_basket', false],
])('R-31: with https %s the cookie is %s, of this host only, and no script reads it', async (https, name, secure) => {
  await using server = await startServer(https);
  const [basket = '', signature = ''] = (await fetch(server.url)).headers.getSetCookie();
  expect(basket).toMatch(new RegExp(`^${name}=watchman-mug:2; path=/;`));
  expect(signature).toMatch(new RegExp(`^${name}\\.sig=`));
  for (const cookie of [basket, signature]) {
    expect(cookie.includes('; secure')).toBe(secure);
    expect(cookie).toContain('; httponly');
    expect(cookie).toContain('; samesite=lax');
    expect(cookie).not.toContain('domain=');
  }
});

test('A-27: a basket that we did not sign, or that was changed since, is empty', async () => {
  await using server = await startServer(false);
  const cookies = (await fetch(server.url)).headers.getSetCookie().map((line) => line.split(';')[0]);
  const read = async (cookie: string) => (await fetch(server.url, { headers: { cookie } })).text();
  const [basket = '', signature = ''] = cookies;

  expect(await read(`${basket}; ${signature}`)).toBe('2');
  expect(await read(basket)).toBe('0');
  expect(await read(`${basket.replace(':2', ':9')}; ${signature}`)).toBe('0');
  expect(await read(`${basket}; ${signature.slice(0, -1)}`)).toBe('0');
});
