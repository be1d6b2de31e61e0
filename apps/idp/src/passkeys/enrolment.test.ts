import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Browser, hiddenField, type Page, type Person, startIdp, type TestIdp } from '#harness.ts';
import { newAuthenticator, passkeyOptions, sendPassword } from '#sign-in/test/member.ts';

const here = '/account/security/passkeys';

let idp: TestIdp;
beforeAll(async () => {
  idp = await startIdp();
});
afterAll(() => idp[Symbol.asyncDispose]());

/** Somebody new at the page where passkeys are added, signed in a moment ago. */
async function atThePage() {
  const person = await idp.person();
  const browser = idp.browser();
  const page = await sendPassword(browser, await browser.go(here), person);
  expect(page.url.pathname).toBe(here);
  return { person, browser, page };
}

function add(browser: Browser, { text }: Page, response: string): Promise<Page> {
  return browser.post(here, { csrf: hiddenField(text, 'csrf'), name: '', response });
}

async function passkeysOf({ id }: Person): Promise<number> {
  return (await idp.sql('select from passkey where account_id = ?', [id])).length;
}

test('A-25: a passkey is not added in a session whose sign-in is six minutes old, whatever the page was opened with', async () => {
  const { person, browser, page } = await atThePage();
  const response = newAuthenticator(idp).create(passkeyOptions(page));
  await idp.sql(
    `update sso_session set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::bigint - 360))
     where account_id = ?`,
    [person.id],
  );
  const refused = await add(browser, page, response);
  expect(refused.response.status).toBe(403);
  expect(refused.text).toContain('First confirm that it is you');
  expect(refused.text).not.toContain('data-options');
  expect(await passkeysOf(person)).toBe(0);
});

test('A-25: what one session was asked to make is not added in another, not even of the same person', async () => {
  const { person, browser, page } = await atThePage();
  const elsewhere = idp.browser();
  const there = await sendPassword(elsewhere, await elsewhere.go(here), person);
  const response = newAuthenticator(idp).create(passkeyOptions(page));
  expect((await add(elsewhere, there, response)).response.status).toBe(422);
  expect(await passkeysOf(person)).toBe(0);
  expect((await add(browser, page, response)).response.status).toBe(200);
  expect(await passkeysOf(person)).toBe(1);
});
