import { Secret } from '@portcullis/config';
import { createKoa, createLog, listen } from '@portcullis/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse } from './test/house.ts';
import { createTrustedDevices, type TrustedDevices } from './trusted-devices.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const day = 24 * 3600 * 1000;

test('a trusted browser is recognised for thirty days, for the account it was trusted for and no other', async () => {
  await using idp = await pages();
  const { accountId } = await house.person();
  const other = (await house.person()).accountId;
  const browser = idp.browser();

  expect(await browser.recognised(accountId)).toBe(false);
  await browser.trust(accountId);

  expect(await browser.recognised(accountId)).toBe(true);
  expect(await browser.recognised(other)).toBe(false);
  expect(await idp.browser().recognised(accountId)).toBe(false);
  await browser.trust(other); // two people at one browser
  expect([await browser.recognised(accountId), await browser.recognised(other)]).toEqual([true, true]);
  idp.tick(30 * day - 1000);
  expect(await browser.recognised(accountId)).toBe(true);
  idp.tick(1000);
  expect(await browser.recognised(accountId)).toBe(false);
  expect(await house.events(accountId)).toEqual([
    { action: 'device.trusted', detail: { device: expect.any(String) as string } },
  ]);
});

test('R-39: what the browser holds is random, new each time and signed, and no trust outlives a changed password', async () => {
  await using idp = await pages();
  const { accountId } = await house.person();
  const browser = idp.browser();
  const first = await browser.trust(accountId);
  const second = await idp.browser(browser.cookies).trust(accountId);

  expect(first).toMatch(/^portcullis_trusted=[\w-]{43};.*httponly/i);
  expect(second.split(/[=;.]/)[1]).not.toBe(first.split(/[=;.]/)[1]);
  const forged = new Map([...browser.cookies].map(([name, value]) => [name, value.replace(/^.{4}/, 'AAAA')]));
  expect(await idp.browser(forged).recognised(accountId)).toBe(false);
  const { rows } = await house.pool.query('select * from trusted_device where account_id = $1', [accountId]);
  expect(JSON.stringify(rows)).not.toContain(browser.cookies.get('portcullis_trusted'));

  await house.pool.query('update account set password_changed_at = $2 where id = $1', [accountId, idp.tick(1000)]);
  expect(await browser.recognised(accountId)).toBe(false);
  expect(await browser.list(accountId)).toEqual([]);
});

test('a person sees the trusted browsers of the account, which one is in use, and forgets one of them', async () => {
  await using idp = await pages();
  const { accountId } = await house.person();
  const stranger = (await house.person()).accountId;
  const [desk, phone] = [idp.browser(), idp.browser()];
  await desk.trust(accountId);
  idp.tick(1000);
  await phone.trust(accountId);

  const list = await desk.list(accountId);
  expect(list).toMatchObject([{ here: false }, { here: true, userAgent: 'test browser' }]);
  const id = list[0]?.id ?? '';
  const revoke = (whose: string) =>
    idp.trustedDevices.revoke(house.em(), { accountId: whose, id, actor: whose }).catch(() => 'threw');
  expect(await revoke(stranger)).toBe(false);
  expect(await revoke(accountId)).toBe(true);
  expect(await revoke(accountId)).toBe(false);
  expect(await house.events(accountId)).toContainEqual({ action: 'device.forgotten', detail: { device: id } });

  expect(await phone.recognised(accountId)).toBe(false);
  expect(await desk.recognised(accountId)).toBe(true);
});

type Summary = Awaited<ReturnType<TrustedDevices['list']>>[number];

/** The three questions as pages of a real server, and browsers with cookies of their own. */
async function pages() {
  let at = Date.now();
  const trustedDevices = createTrustedDevices({ https: false, now: () => new Date(at) });
  const koa = createKoa({
    log: createLog({ name: 'test', level: 'silent' }),
    trustedHops: 0,
    keys: [new Secret('test-key-test-key-test-key-test-key')],
    https: false,
    errorPage: () => '',
  });
  koa.use(async (ctx) => {
    const [, act, accountId = ''] = ctx.path.split('/');
    const em = house.em();
    if (act === 'trust') ctx.body = (await trustedDevices.trust(ctx, em, accountId)) ?? null;
    if (act === 'recognise') ctx.body = { is: await trustedDevices.recognise(ctx, em, accountId) };
    if (act === 'list') ctx.body = { list: await trustedDevices.list(ctx, em, accountId) };
  });
  const server = await listen(koa, { port: 0, allowedHosts: ['localhost:0'] });
  return {
    trustedDevices,
    browser,
    tick: (ms: number) => new Date((at += ms)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };

  function browser(cookies = new Map<string, string>()) {
    return {
      cookies,
      trust: async (accountId: string) => (await ask('trust', accountId)).headers.getSetCookie()[0] ?? '',
      recognised: async (accountId: string) =>
        ((await (await ask('recognise', accountId)).json()) as { is: boolean }).is,
      list: async (accountId: string) => ((await (await ask('list', accountId)).json()) as { list: Summary[] }).list,
    };

    async function ask(act: string, accountId: string): Promise<Response> {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
      const response = await fetch(`${server.url}/${act}/${accountId}`, {
        headers: { cookie, 'user-agent': 'test browser' },
      });
      for (const set of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (set.split(';')[0] ?? '').split(/=(.*)/s);
        cookies.set(name, value);
      }
      return response;
    }
  }
}
