/** A mailed code on its whole way: page, job, worker, SMTP, inbox, page. */
import { startInbox, type TestInbox } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  authorizationRequest,
  claimsOf,
  codeOf,
  exchange,
  type Page,
  type Person,
  startIdp,
  type TestIdp,
} from '#harness.ts';
import { send, sendPassword, stepAt } from '#sign-in/test/member.ts';

vi.setConfig({ testTimeout: 30_000 });

const acr = 'urn:portcullis:acr:email-code';
let inbox: TestInbox;
let idp: TestIdp;
let client: string;
beforeAll(async () => {
  inbox = await startInbox();
  idp = await startIdp({ smtpUrl: inbox.smtpUrl });
  client = await idp.declare({ minimumAcr: acr });
});
afterAll(async () => {
  await idp[Symbol.asyncDispose]();
  await inbox[Symbol.asyncDispose]();
});

test('R-45: a mailed code completes the one sign-in it was asked for in, and no row tells it', async () => {
  const person = await idp.person();
  const [own, other] = [await passwordShown(person), await passwordShown(person)];

  const sent = await send(own.browser, own.page, '/second-factor/mail');
  const { text } = await inbox.letterTo(person.email);
  const code = /\b\d{8}\b/.exec(text)?.[0] ?? '';
  expect(code).not.toBe('');

  const elsewhere = await type(other, code);
  expect([elsewhere.response.status, stepAt(elsewhere)]).toEqual([422, '/second-factor']);
  const rows = await idp.sql(
    `select row_to_json(j)::text from pgboss.job j where data ->> 'accountId' = ?
     union all select row_to_json(t)::text from single_use_token t where account_id = ?`,
    [person.id, person.id],
  );
  expect(rows.length).toBeGreaterThan(1);
  expect(JSON.stringify(rows)).not.toContain(code);

  const { url } = await type({ ...own, page: sent }, ` ${code.slice(0, 4)} ${code.slice(4)} `);
  expect(codeOf(url)).not.toBe('');
  const { body } = await idp.token(client, exchange(own.request, url));
  expect(claimsOf(body['id_token'])).toMatchObject({ sub: person.id, acr, amr: ['pwd', 'otp', 'mfa'] });
  expect((await type(other, code)).response.status).toBe(422);
});

test('A-26: the page says when another code can be sent, and so does the answer to who does not wait', async () => {
  const own = await passwordShown(await idp.person());
  expect(own.page.text).not.toContain('data-resend-after');

  const sent = await send(own.browser, own.page, '/second-factor/mail');
  expect(sent.text).toMatch(/data-resend-after="(5\d|60)"/);
  const early = await send(own.browser, sent, '/second-factor/mail');

  expect(early.response.status).toBe(429);
  expect(Number(early.response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(early.text).toMatch(/We have just sent you a code\. You can have another one in (\d\d seconds|1 minute)\./);
  expect(early.text).toContain('autocomplete="one-time-code"');
});

async function passwordShown(person: Person) {
  const browser = idp.browser();
  const request = authorizationRequest(client);
  const page = await sendPassword(browser, await browser.authorize(request), person);
  expect(stepAt(page)).toBe('/second-factor');
  return { browser, request, page };
}

function type({ browser, page }: { browser: ReturnType<TestIdp['browser']>; page: Page }, code: string) {
  return send(browser, page, '/second-factor', { method: 'email_code', code });
}
