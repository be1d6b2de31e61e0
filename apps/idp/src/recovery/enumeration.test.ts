import { randomUUID } from 'node:crypto';
import { Secret } from '@portcullis/config';
import { cookieSigner } from '@portcullis/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorizationRequest, type Browser, cookieKey, hiddenField, startIdp, type TestIdp } from '#harness.ts';

/** `ENUMERATION_PAIRS=2000` measures as thoroughly as an attacker would, and prints what comes of it. */
const wanted = Number(process.env['ENUMERATION_PAIRS'] ?? 0);
const quick = { cheap: 50, hashing: 20 };

let idp: TestIdp;
beforeAll(async () => {
  idp = await startIdp({ trustedHops: 1 });
});
afterAll(() => idp[Symbol.asyncDispose]());

type Attempt = { email: string; address: string };
type Answer = { status: number; headers: [string, string][]; body: string };
type Pair = { known: Attempt; unknown: Attempt };

/** Addresses of one length, the first of each pair with an account. */
async function pairsOf(count: number): Promise<Pair[]> {
  const marks = Array.from({ length: count }, () => randomUUID());
  await idp.sql(
    `insert into account (id, email, email_normalized, email_verified, name, password_hash, roles, created_at)
     select mark, mark || '-known@example.org', mark || '-known@example.org', true, 'A person',
       (select password_hash from account where id = ?), '{}', now()
     from unnest(?::uuid[]) mark`,
    [(await idp.person()).id, `{${marks.join(',')}}`],
  );
  const from = (i: number, net: number): string => `10.${net}.${Math.floor(i / 250)}.${(i % 250) + 1}`;
  return marks.map((mark, i) => ({
    known: { email: `${mark}-known@example.org`, address: from(i, 1) },
    unknown: { email: `${mark}-other@example.org`, address: from(i, 2) },
  }));
}

type Form = {
  path?: string;
  fields?: (email: string) => Record<string, string>;
  /** Beside those that the page has set. */
  cookies?: (email: string) => string;
};

/** A form that is open in a browser, and what sending it with an address answers. */
async function formAt(
  browser: Browser,
  url: string,
  { path, fields = (email) => ({ email }), cookies = () => 'x=y' }: Form = {},
) {
  const page = await browser.go(url);
  const csrf = hiddenField(page.text, 'csrf');
  const own = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
  const action = new URL(path ?? page.url.pathname, idp.origin);
  return { send, action, cookie: own };

  async function send({ email, address }: Attempt): Promise<Answer> {
    const response = await fetch(action, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: `${own}; ${cookies(email)}`, 'x-forwarded-for': address, accept: 'text/html' },
      body: new URLSearchParams({ csrf, ...fields(email) }),
    });
    return { status: response.status, headers: [...response.headers], body: await response.text() };
  }
}

/** What an answer says when everything is left out that differs between any two requests. */
function said({ status, headers, body }: Answer, { email, address }: Attempt): string {
  const kept = headers.filter(([name]) => !['date', 'x-request-id', 'set-cookie'].includes(name));
  const cookies = headers.filter(([name]) => name === 'set-cookie').map(([, value]) => shapeOf(value));
  const text = JSON.stringify([status, kept, cookies, body]);
  return text
    .replaceAll(email, '<email>')
    .replaceAll(address, '<address>')
    .replace(/name=\\"csrf\\" value=\\"[^"]+"/g, '')
    .replace(/challenge&quot;:&quot;[\w-]+/g, '');
}

/** A cookie with the length of its value in place of the value. */
function shapeOf(cookie: string): string {
  return cookie.replace(/=([^;]*)/, (_, value: string) => `=${value.length}`).replace(/expires=[^;]*/i, '');
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function expectNothingTold(name: string, count: number, send: (attempt: Attempt) => Promise<Answer>) {
  const pairs = await pairsOf(count);
  const times: Record<keyof Pair, number[]> = { known: [], unknown: [] };
  for (const [i, pair] of pairs.entries()) {
    const order = i % 2 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const);
    const answers = new Map<keyof Pair, string>();
    for (const which of order) {
      const started = performance.now();
      const answer = await send(pair[which]);
      times[which].push(performance.now() - started);
      answers.set(which, said(answer, pair[which]));
    }
    expect(answers.get('known')).toBe(answers.get('unknown'));
  }
  const asked = [...pairs.map(({ known }) => known.email), ...pairs.map(({ unknown }) => unknown.email)];
  const jobs = await idp.sql(`select 1 from pgboss.job where name = 'mail' and data ->> 'email' = any (?::text[])`, [
    `{${asked.join(',')}}`,
  ]);
  expect(jobs).toHaveLength(name === '/sign-in' ? 0 : asked.length);
  const gap = median(times.known.map((ms, i) => ms - (times.unknown[i] ?? 0)));
  const [known, unknown] = [median(times.known), median(times.unknown)];
  if (wanted) {
    const line = [`known ${known.toFixed(2)} ms`, `unknown ${unknown.toFixed(2)} ms`, `of pairs ${gap.toFixed(2)} ms`];
    process.stdout.write(`${name}, ${count} pairs, medians: ${line.join(', ')}\n`);
  }
  // Few pairs on a crowded machine show only work that is done for one of the two and left out for the other.
  const limit = wanted ? 2 : 2 + known / 2;
  expect(Math.abs(gap)).toBeLessThan(limit);
  expect(wanted ? Math.abs(known - unknown) : 0).toBeLessThan(limit);
}

const longEnough = { timeout: wanted ? 1_800_000 : 30_000 };

test.each(['/register', '/reset-password'])(
  'A-02: %s says and takes the same for every address',
  longEnough,
  async (path) => {
    const { send } = await formAt(idp.browser(), path);
    await expectNothingTold(path, wanted || quick.cheap, send);
  },
);

test.each([
  ['/register', 'portcullis_registration'],
  ['/reset-password', 'portcullis_recovery'],
])('A-02: so does having it sent again, at %s', longEnough, async (path, name) => {
  const signer = cookieSigner([new Secret(cookieKey)]);
  const { send } = await formAt(idp.browser(), path, { path: `${path}/sent`, fields: () => ({}), cookies });
  await expectNothingTold(`${path}/sent`, wanted || quick.cheap, send);

  /** Of a browser in which it was asked for more than a minute ago. */
  function cookies(email: string): string {
    const asked = { email, from: null, sentAt: Date.now() - 61_000, times: 1 };
    const pair = `${name}=${Buffer.from(JSON.stringify(asked)).toString('base64url')}`;
    return `${pair}; ${name}.sig=${signer.sign(pair)}`;
  }
});

test('A-02: so does signing in with a wrong password', longEnough, async () => {
  const browser = idp.browser();
  const page = await browser.authorize(authorizationRequest(await idp.declare()));
  const fields = (email: string) => ({ email, password: 'not the right password' });
  const { send, action, cookie } = await formAt(browser, page.url.href, { fields });
  await expectNothingTold('/sign-in', wanted || quick.hashing, async (attempt) => {
    const sent = await send(attempt);
    expect(sent.status).toBe(303);
    const answer = await fetch(action, { headers: { cookie, accept: 'text/html' } });
    return { ...sent, status: answer.status, body: await answer.text() };
  });
});
