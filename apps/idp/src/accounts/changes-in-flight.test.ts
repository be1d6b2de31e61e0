import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorizationRequest, exchange, hiddenField, password, startIdp, type TestIdp } from '#harness.ts';
import { openLedgerOf } from '#revocations/test/ledger.ts';
import { createAccountChanges } from './changes.ts';
import { createPasswords } from './passwords.ts';
import { policy } from './test/policy.ts';

let idp: TestIdp;
let client: string;
let changes: ReturnType<typeof createAccountChanges>;
const disposables = new AsyncDisposableStack();
beforeAll(async () => {
  idp = disposables.use(await startIdp());
  client = await idp.declare();
  changes = createAccountChanges({ ...disposables.use(openLedgerOf(idp)), policy, passwords: createPasswords() });
});
afterAll(() => disposables.disposeAsync());

const newPassword = 'a brand new password';
const change = (accountId: string) =>
  changes.changePassword(idp.orm.em.fork(), { accountId, password: newPassword, actor: accountId });

test('a code and a refresh token from before the password was changed give nothing', async () => {
  const { account, browser, refresh_token } = await idp.tokens(client);
  const half = authorizationRequest(client);
  const { url: withCode } = await browser.authorize(half);

  await change(account.id);

  const refreshed = await idp.token(client, { grant_type: 'refresh_token', refresh_token });
  const exchanged = await idp.token(client, exchange(half, withCode));
  expect([refreshed, exchanged].map(({ body }) => body['error'])).toEqual(['invalid_grant', 'invalid_grant']);
  expect((await browser.authorize(authorizationRequest(client))).text).toContain('type="password"');
});

test('a sign-in that was finished to the last click with the old password leads nowhere once it has been changed', async () => {
  const account = await idp.person();
  const [thief, owner] = [idp.browser(), idp.browser()];
  const request = authorizationRequest(client);
  const page = await thief.authorize(request);
  const resume = await lastClick(thief, page.url, page.text, account.email);

  await change(account.id);

  const { url } = await thief.go(resume);
  expect((await idp.token(client, exchange(request, url))).status).toBe(400);
  const again = await thief.authorize(authorizationRequest(client));
  expect(again.text).toContain('type="password"');
  expect(await idp.sql('select 1 from sso_session where account_id = ?', [account.id])).toEqual([]);
  // While the first sign-in with the new one is good at once.
  const mine = authorizationRequest(client);
  const { url: signedIn } = await owner.signIn(mine, account.email, newPassword);
  expect((await idp.token(client, exchange(mine, signedIn))).status).toBe(200);
});

/** Posts the right password and keeps the redirect that would finish the sign-in. */
async function lastClick(
  { cookies }: { cookies: Map<string, { value: string }> },
  url: URL,
  html: string,
  email: string,
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      accept: 'text/html',
      origin: idp.issuer,
      cookie: [...cookies].map(([name, { value }]) => `${name}=${value}`).join('; '),
    },
    body: new URLSearchParams({ csrf: hiddenField(html, 'csrf'), email, password }),
  });
  return response.headers.get('location') ?? '';
}
