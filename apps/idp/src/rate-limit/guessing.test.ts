/** Guessing at the real pages of three nodes behind a proxy. */
import argon2 from 'argon2';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  authorizationRequest,
  type Browser,
  hiddenField,
  type Page,
  password,
  startIdp,
  type TestIdp,
} from '#harness.ts';
import { baseOf, giveTotp, send, sendPassword, sendTotp, stepAt, totpCode } from '#sign-in/test/member.ts';

let idp: TestIdp;
let nodes: string[];
let client: string;
beforeAll(async () => {
  idp = await startIdp({ trustedHops: 1 });
  nodes = [idp.origin, await idp.node(), await idp.node()];
  client = await idp.declare();
});
afterAll(() => idp[Symbol.asyncDispose]());

test('R-44: of 200 wrong passwords at once over three nodes, in any spelling of the address, ten reach argon2; then the right one gets the answer of a wrong one, and the owner gets in', async () => {
  const person = await idp.person();
  const known = (await idp.tokens(client, {}, { account: person })).browser;
  const spellings = [person.email, person.email.toUpperCase(), ` ${person.email} `, fullWidth(person.email)];
  const guessers = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const browser = idp.browser(nodes[i % 3]);
      return { browser, page: await browser.authorize(authorizationRequest(client)), address: `198.51.100.${i}` };
    }),
  );
  using hashing = vi.spyOn(argon2, 'verify');
  const enter = ({ browser, page, address }: (typeof guessers)[number], email: string, secret: string) => {
    const fields = { csrf: hiddenField(page.text, 'csrf'), email, password: secret };
    return browser.post(page.url.pathname, fields, { headers: { 'x-forwarded-for': address } });
  };

  const answers = await Promise.all(
    guessers.map((guesser, i) => enter(guesser, spellings[i % 4] ?? '', `wrong horse battery ${i}`)),
  );

  const statuses = answers.map(({ response }) => response.status);
  expect(new Set(statuses).difference(new Set([422, 429, 503]))).toEqual(new Set());
  const tested = hashing.mock.calls.length;
  expect(tested).toBeGreaterThan(0);
  expect(tested).toBeLessThanOrEqual(10);
  expect(statuses.filter((status) => status === 422)).toHaveLength(tested);
  for (const { response, text } of answers) {
    expect(text).toContain('role="alert"');
    expect(Number(response.headers.get('retry-after')) > 0).toBe(response.status !== 422);
  }

  const [right, wrong] = await Promise.all(
    [password, 'wrong horse battery'].map(async (secret, i) =>
      seen(await enter(guessers[100 + i] as (typeof guessers)[number], person.email, secret)),
    ),
  );
  expect(right).toEqual(wrong);
  expect(right?.status).toBe(429);
  expect(right?.html).toMatch(/Please try again in 1\d minutes\./);
  expect(right?.html).toContain(`value="${person.email}"`);
  expect(hashing.mock.calls).toHaveLength(tested);
  const again = await known.authorize(authorizationRequest(client, { prompt: 'login' }));
  expect((await sendPassword(known, again, person)).url.searchParams.has('code')).toBe(true);
});

test('A-24: 200 wrong codes at once over three nodes, of an authenticator and for recovery, are five guesses', async () => {
  const person = await idp.person();
  await giveTotp(idp, person);
  const browser = idp.browser();
  const asked = await sendPassword(browser, await browser.authorize(authorizationRequest(client)), person);
  expect(stepAt(asked)).toBe('/second-factor');
  await idp.sql(`insert into recovery_code (hash, account_id, created_at) values (?, ?, now())`, ['x', person.id]);

  await flood(browser, asked, '/second-factor', (i) => ({ method: i % 2 ? 'totp' : 'recovery_code', code: '000000' }));

  const events = await idp.sql('select 1 from audit_event where account_id = ? and action = ?', [
    person.id,
    'factor.refused',
  ]);
  expect(events).toHaveLength(5);
  const refused = await sendTotp(browser, asked, await totpCode(idp, person));
  expect([refused.response.status, stepAt(refused)]).toEqual([429, '/second-factor']);
  expect(Number(refused.response.headers.get('retry-after'))).toBeGreaterThan(200);
});

test('A-24: the password buys no new guesses at factors: not by sign-ins that it is enough for, nor in new browsers', async () => {
  const strong = await idp.declare({ minimumAcr: 'urn:portcullis:acr:email-code' });
  const [careless, careful] = [await idp.person(), await idp.person()];
  await giveTotp(idp, careful);
  const trusted = idp.browser();
  const asked = await sendPassword(trusted, await trusted.authorize(authorizationRequest(client)), careful);
  await sendTotp(trusted, asked, await totpCode(idp, careful), { trust: 'yes' });
  const rounds = [
    ...[1, 2, 3].map(() => ({ person: careless, browser: idp.browser(), method: 'email_code' })),
    ...[1, 2, 3].map(() => ({ person: careful, browser: trusted, method: 'totp' })),
  ];

  for (const { person, browser, method } of rounds) {
    for (const name of browser.cookies.keys()) if (/session/.test(name)) browser.cookies.delete(name);
    const inside = await sendPassword(browser, await browser.authorize(authorizationRequest(client)), person);
    expect(inside.url.searchParams.has('code')).toBe(true);
    const more = await browser.authorize(authorizationRequest(strong));
    for (let i = 0; i < 6; i += 1) await send(browser, more, '/second-factor', { method, code: `1234567${i}` });
  }

  for (const { id } of [careless, careful])
    expect(
      await idp.sql(`select from audit_event where account_id = ? and action = 'factor.refused'`, [id]),
    ).toHaveLength(5);
});

test('A-14: an address is what our own proxy saw, whatever else the header says, and of IPv6 the network', async () => {
  await idp.memory.flushdb();
  const browser = idp.browser();
  const page = await browser.authorize(authorizationRequest(client));
  for (const forwarded of ['10.0.0.1, 2001:db8::1', '10.0.0.2, nonsense, 2001:db8::ffff:1', '2001:db8::2'])
    await guess(nodes[0] ?? '', browser, page, '', { email: 'nobody@example.org', password: 'wrong' }, forwarded);

  expect(await places('address')).toEqual([3]);
});

/** 200 forms from 200 addresses at once, spread over the nodes, all with the cookies of one browser. */
async function flood(browser: Browser, page: Page, step: string, fields: (i: number) => Record<string, string>) {
  const forms = Array.from({ length: 200 }, (_, i) => i);
  await Promise.all(forms.map((i) => guess(nodes[i % 3] ?? '', browser, page, step, fields(i), `198.51.100.${i}`)));
}

async function guess(
  node: string,
  browser: Browser,
  page: Page,
  step: string,
  fields: Record<string, string>,
  forwardedFor: string,
): Promise<void> {
  const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
  const response = await fetch(node + baseOf(page) + step, {
    method: 'POST',
    redirect: 'manual',
    headers: { accept: 'text/html', cookie, 'x-forwarded-for': forwardedFor },
    body: new URLSearchParams({ csrf: hiddenField(page.text, 'csrf'), ...fields }),
  });
  expect(response.status).toBe(303);
}

const changing = ['date', 'set-cookie', 'content-length', 'x-request-id', 'retry-after'];
/** Of an answer, what does not differ from one sign-in to the next. */
function seen({ response, text, url }: Page) {
  const headers = [...response.headers].filter(([name]) => !changing.includes(name));
  const html = text
    .replaceAll(url.pathname.split('/')[2] ?? '', 'UID')
    .replace(/name="csrf" value="[^"]+"/g, 'CSRF')
    .replace(/challenge&quot;:&quot;[\w-]+/g, 'CHALLENGE');
  return { status: response.status, headers, html };
}

/** How many places are taken, for each key of this kind that has any. */
async function places(kind: 'account' | 'address'): Promise<number[]> {
  const keys = (await idp.memory.keys(`throttle:{${kind}:*}`)).toSorted();
  return Promise.all(keys.map(async (key) => Number(await idp.memory.get(key))));
}

function fullWidth(text: string): string {
  return text.replace(/[a-z]/g, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0));
}
