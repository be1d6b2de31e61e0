import bcrypt from 'bcryptjs';
import { unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { AuditEvent } from '#audit/entity.ts';
import { createPool } from '#database/orm.ts';
import { type House, openHouse, rightPassword } from './test/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const from = { address: '192.0.2.1', clientId: 'shop' };
const wrongPassword = 'wrong horse battery staple';

test('the right password in any spelling of the address opens; the sign-in it completes leaves an audit event', async () => {
  const { accounts } = await house.node();
  const { id, email } = await house.person();

  const spelt = ` ${email.toUpperCase()} `;
  const signIn = await accounts.signIn(house.em(), { ...from, email: spelt, password: rightPassword });

  expect(signIn).toMatchObject({ ok: true, person: { id, email }, checkedAt: expect.any(Date) });
  expect(await house.em().count(AuditEvent, { accountId: id })).toBe(0);
  if (signIn.ok)
    await accounts.completed({
      ...from,
      person: signIn.person,
      factorShown: true,
      acr: 'urn:portcullis:acr:mfa',
      amr: [],
    });
  const event = await house.em().findOneOrFail(AuditEvent, { accountId: id });
  expect(event).toMatchObject({ action: 'account.signed_in', clientId: 'shop', detail: { address: from.address } });
});

test('A-02: a wrong password, an unknown address and an account without password get one answer for one hash', async () => {
  const { accounts, verified } = await house.node();
  const known = await house.person();
  const withoutPassword = await house.person({ passwordHash: null });
  const emails = [known.email, withoutPassword.email, `${unique('nobody')}@example.org`];

  const answers = [];
  for (const email of emails)
    answers.push(await accounts.signIn(house.em(), { ...from, email, password: wrongPassword }));

  expect(answers).toEqual(emails.map(() => ({ ok: false, reason: 'wrong_credentials' })));
  expect(verified).toHaveLength(emails.length);
});

test('R-44: of 200 parallel wrong guesses over 3 nodes at limit 10 at most 10 reach argon2; then the right password is refused the same way', async () => {
  const nodes = await Promise.all([1, 2, 3].map(() => house.node({ limits: { account: 10, address: 1000 } })));
  const { email } = await house.person();
  const attempt = async (i: number, password: string) =>
    nodes[i % 3]?.accounts.signIn(house.em(), { ...from, email, password, address: `198.51.100.${i}` });

  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => attempt(i, wrongPassword)));

  const hashes = nodes.flatMap((node) => node.verified).length;
  expect(hashes).toBeGreaterThan(0);
  expect(hashes).toBeLessThanOrEqual(10);
  expect(answers.filter((answer) => answer?.ok)).toEqual([]);
  const wrong = await attempt(0, wrongPassword);
  const right = await attempt(1, rightPassword);
  expect(wrong).toMatchObject({ ok: false, reason: 'throttled' });
  expect({ ...right, retryAfterSeconds: 0 }).toEqual({ ...wrong, retryAfterSeconds: 0 });
  expect(nodes.flatMap((node) => node.verified)).toHaveLength(hashes);
});

test('R-44, A-02: an address nobody has is locked like any other', async () => {
  const { accounts, verified } = await house.node({ limits: { account: 2, address: 1000 } });
  const email = `${unique('nobody')}@example.org`;
  const attempt = () => accounts.signIn(house.em(), { ...from, email, password: wrongPassword });

  const answers = [await attempt(), await attempt(), await attempt()];

  expect(answers.map((answer) => answer.ok || answer.reason)).toEqual([
    'wrong_credentials',
    'wrong_credentials',
    'throttled',
  ]);
  expect(verified).toHaveLength(2);
});

test('R-44: a spelling of the address is no fresh set of guesses', async () => {
  const { accounts } = await house.node({ limits: { account: 2, address: 1000 } });
  const { email } = await house.person();
  const spellings = [email, email.toUpperCase(), `\u00a0${email}`];

  const answers = [];
  for (const spelling of spellings)
    answers.push(await accounts.signIn(house.em(), { ...from, email: spelling, password: wrongPassword }));

  expect(answers.at(-1)).toMatchObject({ reason: 'throttled' });
});

test('A-18: while no more hashes may wait, a sign-in is refused before anything is counted', async () => {
  const limits = { account: 2, address: 1000 };
  const { accounts, passwords } = await house.node({ limits, maxInFlight: 1, maxQueued: 0 });
  const { email } = await house.person();
  const attempt = () => accounts.signIn(house.em(), { ...from, email, password: rightPassword });
  const occupied = passwords.hash(rightPassword);

  const answers = await Promise.allSettled(Array.from({ length: 20 }, attempt));

  for (const answer of answers)
    expect(answer).toMatchObject({ reason: { code: 'sign_in_busy', retryAfterSeconds: 2 } });
  await occupied;
  expect(await attempt()).toMatchObject({ ok: true });
});

test('A-18: whoever is turned away after the place was reserved gets it back', async () => {
  const attempts = 20;
  const limits = { account: attempts, address: 1000 };
  const { accounts } = await house.node({ limits, maxInFlight: 1, maxQueued: 0 });
  const { email } = await house.person();
  const attempt = () => accounts.signIn(house.em(), { ...from, email, password: wrongPassword });

  const answers = await Promise.allSettled(Array.from({ length: attempts }, attempt));

  expect(answers.some((answer) => answer.status === 'rejected')).toBe(true);
  expect(await attempt()).toEqual({ ok: false, reason: 'wrong_credentials' });
});

test('F-10: with PostgreSQL away a sign-in is refused as unavailable, and no guess is counted', async () => {
  const pool = createPool({ url: 'postgres://postgres@127.0.0.1:1/nowhere', poolSize: 1 });
  const { accounts } = await house.node({ limits: { account: 1, address: 1000 }, pool });
  const email = `${unique('person')}@example.org`;
  const attempt = () => accounts.signIn(house.em(), { ...from, email, password: rightPassword });

  for (let i = 0; i < 3; i += 1)
    await expect(attempt()).rejects.toMatchObject({ kind: 'unavailable', code: 'accounts_unreachable' });
  await pool.end();
});

test('R-43: a foreign hash becomes argon2id at the first right password, not at a wrong one', async () => {
  const { accounts } = await house.node();
  const foreign = await bcrypt.hash(rightPassword, 4);
  const { id, email } = await house.person({ passwordHash: foreign });

  await accounts.signIn(house.em(), { ...from, email, password: wrongPassword });
  expect(await hashOf(id)).toBe(foreign);

  expect((await accounts.signIn(house.em(), { ...from, email, password: rightPassword })).ok).toBe(true);
  expect(await hashOf(id)).toMatch(/^\$argon2id\$/);
  expect((await accounts.signIn(house.em(), { ...from, email, password: rightPassword })).ok).toBe(true);
});

test('a ban and a switched-off account are told after the right password only', async () => {
  const { accounts } = await house.node();
  const banned = await house.person();
  const ban = { message: 'You sold a bridge that was not yours.', until: null };
  house.bans.set(banned.id, ban);
  const disabled = await house.person({ disabled: true });
  const attempt = (email: string, password: string) => accounts.signIn(house.em(), { ...from, email, password });

  expect(await attempt(banned.email, wrongPassword)).toEqual({ ok: false, reason: 'wrong_credentials' });
  expect(await attempt(banned.email, rightPassword)).toEqual({ ok: false, reason: 'banned', ban });
  expect(await attempt(disabled.email, wrongPassword)).toEqual({ ok: false, reason: 'wrong_credentials' });
  expect(await attempt(disabled.email, rightPassword)).toEqual({ ok: false, reason: 'disabled' });
  const event = await house.em().findOneOrFail(AuditEvent, { accountId: banned.id });
  expect(event).toMatchObject({ action: 'account.sign_in_refused', detail: { reason: 'banned' } });
});

async function hashOf(id: string): Promise<string | undefined> {
  const { rows } = await house.pool.query<{ password_hash: string }>(
    'select password_hash from account where id = $1',
    [id],
  );
  return rows[0]?.password_hash;
}
