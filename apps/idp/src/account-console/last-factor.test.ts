import { afterAll, beforeAll, expect, test } from 'vitest';
import { startIdp, type TestIdp } from '#harness.ts';
import { send, signedIn } from './test/visitor.ts';

let idp: TestIdp;
beforeAll(async () => {
  idp = await startIdp();
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

test('R-40: whoever takes away the last factor beside a short password is led to a stronger one first', async () => {
  const person = await signedIn(idp);
  const { id } = person.account;
  await idp.sql(
    `insert into totp_authenticator (account_id, secret, last_step, created_at) values (?, 'x', 0, now())`,
    [id],
  );
  await idp.sql(
    `update sso_session set payload = jsonb_set(payload, '{acr}', '"urn:portcullis:acr:mfa"') where account_id = ?`,
    [id],
  );
  const password = '/account/security/password';
  const isOn = async () => (await idp.sql('select 1 from totp_authenticator where account_id = ?', [id])).length === 1;
  const short = { password: 'x4Kqz9!v' };
  expect((await send(person, password, short)).text).toContain('Your password is changed.');

  const led = await send(person, '/account/security/authenticator/remove');

  expect([led.response.status, led.url.pathname + led.url.search, await isOn()]).toEqual([
    200,
    `${password}?alone=yes`,
    true,
  ]);
  expect(led.text).toContain('at least 15 characters');
  const alone = /<input type="hidden" name="alone" value="yes">/;
  expect(led.text).toMatch(alone);
  const refused = await send(person, password, { password: 'y7Tbw2?m', alone: 'yes' });
  expect([refused.response.status, alone.test(refused.text)]).toEqual([422, true]);
  await send(person, password, { password: 'a meadow beneath seven lanterns', alone: 'yes' });
  const removed = await send(person, '/account/security/authenticator/remove');
  expect(removed.text).toContain('The authenticator app is removed.');
  expect(await isOn()).toBe(false);
});
