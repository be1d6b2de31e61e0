/** People with second factors, and a browser that goes through the steps of a sign-in. */
import { Secret } from '@portcullis/config';
import { generateSync } from 'otplib';
import { type Browser, encryptionKey, hiddenField, type Page, type Person, password, type TestIdp } from '#harness.ts';
import { normalizeEmail } from '#accounts/email.ts';
import { createAuthenticator } from '#passkeys/test/authenticator.ts';
import { createThrottle } from '#rate-limit/throttle.ts';
import { createSealer } from '#signing-keys/sealed.ts';

const totpSecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** Gives the account an authenticator. */
export async function giveTotp(idp: TestIdp, { id }: Person): Promise<void> {
  const sealed = await createSealer(new Secret(encryptionKey)).seal({ secret: totpSecret });
  await idp.sql('insert into totp_authenticator (account_id, secret, last_step, created_at) values (?, ?, 0, now())', [
    id,
    sealed,
  ]);
}

/** The code of now; as if none had been used yet. */
export async function totpCode(idp: TestIdp, { id }: Person): Promise<string> {
  await idp.sql('update totp_authenticator set last_step = 0 where account_id = ?', [id]);
  return generateSync({ secret: totpSecret });
}

/** Posts to the sign-in of this page, at `step`, with the page's own token. */
export function send(browser: Browser, page: Page, step: string, fields: Record<string, string> = {}): Promise<Page> {
  return browser.post(baseOf(page) + step, { csrf: hiddenField(page.text, 'csrf'), ...fields });
}

export function sendPassword(browser: Browser, page: Page, { email }: Person, more: Record<string, string> = {}) {
  return send(browser, page, '', { email, password, ...more });
}

export function sendTotp(browser: Browser, page: Page, code: string, more: Record<string, string> = {}) {
  return send(browser, page, '/second-factor', { method: 'totp', code, ...more });
}

/** As ten wrong passwords for this address from ten other browsers and networks leave it: locked. */
export async function besiege(idp: TestIdp, email: string): Promise<void> {
  const throttle = createThrottle({ redis: idp.memory });
  for (let i = 1; i <= 10; i += 1)
    await throttle.reserve({ account: normalizeEmail(email), address: `198.51.100.${i}` });
}

/** `/sign-in/<uid>` */
export function baseOf(page: Page): string {
  return page.url.pathname.split('/').slice(0, 3).join('/');
}

/** Of the sign-in: '' for its first page; undefined where the browser has left it. */
export function stepAt(page: Page): string | undefined {
  return page.url.pathname.startsWith('/sign-in/') ? page.url.pathname.slice(baseOf(page).length) : undefined;
}

/** What the form of the page asks an authenticator for. */
export function passkeyOptions(page: Page): never {
  const [, escaped = '{}'] = /data-options="([^"]*)"/.exec(page.text) ?? [];
  return JSON.parse(escaped.replaceAll('&quot;', '"').replaceAll('&#x3D;', '=').replaceAll('&amp;', '&')) as never;
}

export function newAuthenticator(idp: TestIdp) {
  return createAuthenticator({ origin: idp.issuer });
}
