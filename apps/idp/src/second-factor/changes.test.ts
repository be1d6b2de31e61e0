import { randomUUID } from 'node:crypto';
import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccountChanges } from '#accounts/changes.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { policy } from '#accounts/test/policy.ts';
import { epochNow } from '#revocations/test/cluster.ts';
import { codeAt, type House, type Node, openHouse } from './test/house.ts';

let house: House;
let idp: Node;
beforeAll(async () => {
  house = await openHouse();
  idp = house.node();
});
afterAll(() => house.close());

const binding = 'this session';

test('R-34: an authenticator that is added or removed ends the other sessions, forgets trusted devices and tells the owner', async () => {
  const { accountId } = await house.person();
  const act = { accountId, actor: accountId };
  const mirror = await house.cluster.mirror();
  for (const change of ['totp_added', 'totp_removed'] as const) {
    const [here, elsewhere] = [await house.cluster.signedIn(accountId), await house.cluster.signedIn(accountId)];
    await trustSomeDevice(accountId);

    const done =
      change === 'totp_added' ? await setUp(accountId, here.uid) : await idp.totp.remove(house.em(), keeping(here.uid));

    expect(done).toMatchObject({ ok: true });
    await eventually(() => mirror.refuses({ ...elsewhere.token, iat: epochNow() + 30 }));
    expect(mirror.refuses(here.token)).toBe(false);
    expect(await trusted(accountId)).toBe(0);
    expect((await house.letters(accountId)).at(-1)).toMatchObject({ kind: 'factor_changed', data: { change } });
    await house.cluster.node().sessions.end(house.em(), { uid: here.uid, cause: 'sign_out', actor: accountId });
  }
  expect((await house.events(accountId)).filter(({ action }) => action.startsWith('factor.'))).toEqual([
    { action: 'factor.added', detail: { factor: 'totp', sessionsEnded: 1 } },
    { action: 'factor.removed', detail: { factor: 'totp', sessionsEnded: 1 } },
  ]);
  expect((await causes()).filter((cause) => cause === 'factor_changed')).toHaveLength(2);
  expect(await idp.totp.remove(house.em(), act)).toEqual({ ok: false, reason: 'not_set_up' });

  function keeping(keepSessionUid: string) {
    return { ...act, keepSessionUid };
  }
});

test('R-46: a secret of 160 bits counts once a code confirms it, is shown to one session, and rests nowhere in the clear', async () => {
  const { accountId, email } = await house.person();
  const begun = await idp.totp.begin(house.em(), { accountId, binding });
  const again = await idp.totp.begin(house.em(), { accountId, binding });
  const elsewhere = await idp.totp.begin(house.em(), { accountId, binding: 'another session' });
  const secret = begun.secret.replaceAll(' ', '');
  const confirm = (code: string, where = binding) =>
    idp.totp.confirm(house.em(), { accountId, actor: accountId, binding: where, code });
  const code = codeAt(secret, Date.now());
  house.setClock(Date.now());

  expect(begun.secret).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  expect(begun.uri).toBe(`otpauth://totp/Castle:${encodeURIComponent(email)}?secret=${secret}&issuer=Castle`);
  expect(begun.qr).toMatch(/^data:image\/svg\+xml;base64,/);
  expect(again.secret).toBe(begun.secret);
  const life = await house.redis.ttl(`portcullis:totp-enrolment:${accountId}:${binding}`);
  expect([life > 29 * 60, life <= 30 * 60]).toEqual([true, true]);
  expect(elsewhere.secret).not.toBe(begun.secret);
  expect(await confirm(code, 'no session')).toEqual({ ok: false, reason: 'not_begun' });
  expect(await confirm(code, 'another session')).toEqual({ ok: false, reason: 'wrong_code' });
  expect(await idp.totp.verify(house.em(), { accountId, code })).toBe(false);
  const outcomes = await Promise.all([confirm(code), confirm(code), confirm(code)]);
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await idp.totp.verify(house.em(), { accountId, code })).toBe(false); // used up by confirming
  expect(await stored()).not.toContain(secret);

  async function stored(): Promise<string> {
    const { rows } = await house.pool.query(`select secret from totp_authenticator where account_id = $1`, [accountId]);
    const keys = await house.redis.keys('portcullis:totp-enrolment:*');
    return JSON.stringify([rows, await Promise.all(keys.map((key) => house.redis.get(key)))]);
  }
});

test('an authenticator being replaced counts until the new one is confirmed', async () => {
  const { accountId, codeIn } = await house.withTotp();
  const { secret } = await idp.totp.begin(house.em(), { accountId, binding });

  expect(await idp.totp.verify(house.em(), { accountId, code: codeIn(0) })).toBe(true);
  const code = codeAt(secret.replaceAll(' ', ''), Date.now());
  expect(await idp.totp.confirm(house.em(), { accountId, actor: accountId, binding, code })).toMatchObject({
    ok: true,
  });

  expect(await idp.totp.verify(house.em(), { accountId, code: codeIn(1) })).toBe(false);
});

test('R-47: recovery codes are ten of 60 bits, kept as keyed hashes, read as people type them, and replaced all at once', async () => {
  const { accountId } = await house.withTotp();
  const stranger = (await house.withTotp()).accountId;
  const make = () => idp.recoveryCodes.make(house.em(), { accountId, actor: accountId });
  const use = (code: string, whose = accountId) => idp.recoveryCodes.use(house.em(), { accountId: whose, code });
  const old = await make();
  const codes = await make();

  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){2}[0-9a-hjkmnp-tv-z]{4}$/);
  expect(await use(old[0] ?? '')).toBe(false);
  expect(await use(codes[0] ?? '', stranger)).toBe(false);
  expect(await use('')).toBe(false);
  const sloppy = (codes[0] ?? '').toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O').replaceAll('1', 'l');
  expect(await use(` ${sloppy} `)).toBe(true);
  expect(await idp.recoveryCodes.left(house.em(), accountId)).toBe(9);
  const { rows } = await house.pool.query('select hash from recovery_code where account_id = $1', [accountId]);
  expect(rows.map(({ hash }: { hash: string }) => hash.length)).toEqual(Array(9).fill(43));
});

test('with the last factor the recovery codes go, which only stood in for it', async () => {
  const { accountId } = await house.withTotp();
  await idp.recoveryCodes.make(house.em(), { accountId, actor: accountId });
  await givePasskey(accountId);

  await idp.totp.remove(house.em(), { accountId, actor: 'cli:test' });
  expect(await idp.secondFactors.of(accountId)).toEqual({ totp: false, passkeys: 1, recoveryCodes: 10 });
  const about = { accountId, actor: null, change: 'passkey_removed', detail: {} } as const;
  await idp.factorChanges.remove(house.em(), about, async (tx) => {
    await tx.execute('delete from passkey where account_id = ?', [accountId]);
    return undefined;
  });

  expect(await idp.secondFactors.of(accountId)).toEqual({ totp: false, passkeys: 0, recoveryCodes: 0 });
});

test('R-34: somebody who has lost everything is given a way back in: all factors go, all sessions end, the owner is told', async () => {
  const { accountId } = await house.withTotp();
  await givePasskey(accountId);
  await idp.recoveryCodes.make(house.em(), { accountId, actor: accountId });
  const { uid } = await house.cluster.signedIn(accountId);
  const reset = () => idp.factorChanges.reset(house.em(), { accountId, actor: 'cli:test' });

  expect(await reset()).toMatchObject({ ok: true });

  expect(await idp.secondFactors.of(accountId)).toEqual({ totp: false, passkeys: 0, recoveryCodes: 0 });
  expect((await house.pool.query('select 1 from sso_session where uid = $1', [uid])).rowCount).toBe(0);
  expect((await house.letters(accountId)).at(-1)).toMatchObject({ data: { change: 'factors_reset' } });
  expect(await reset()).toEqual({ ok: false, reason: 'no_factors' });
});

test('R-40: a password that was accepted beside a factor never ends up alone: the owner sets another first, an operator takes it away too', async () => {
  const { ledger, post } = house.cluster.node();
  const accounts = createAccountChanges({ ledger, post, policy, passwords: createPasswords() });
  const passwordOf = async (accountId: string) =>
    (await house.pool.query('select password_hash is not null as has from account where id = $1', [accountId])).rows[0];
  for (const [password, standsAlone] of [
    ['x4Kqz9!v', false],
    ['a meadow beneath seven lanterns', true],
  ] as const) {
    const { accountId } = await house.withTotp();
    const act = { accountId, actor: accountId };
    expect(await accounts.changePassword(house.em(), { ...act, password })).toMatchObject({ ok: true });

    const removed = await idp.totp.remove(house.em(), act);

    expect(removed).toMatchObject(standsAlone ? { ok: true } : { ok: false, reason: 'password_alone' });
    expect((await idp.secondFactors.of(accountId)).totp).toBe(!standsAlone);
    if (standsAlone) continue;
    expect(await accounts.changePassword(house.em(), { ...act, password: 'y7Tbw2?m', mustStandAlone: true })).toEqual({
      ok: false,
      reason: 'password_too_short',
    });
    expect(await idp.factorChanges.reset(house.em(), { accountId, actor: 'cli:test' })).toMatchObject({ ok: true });
    expect(await passwordOf(accountId)).toEqual({ has: false });
    expect((await house.letters(accountId)).map(({ kind }) => kind)).toContain('password_reset');
    expect((await house.events(accountId)).map(({ action }) => action)).toContain('account.password_disabled');
  }

  const { accountId } = await house.withTotp();
  const password = 'nine herons over a copper roof';
  await accounts.changePassword(house.em(), { accountId, actor: accountId, password });
  await idp.factorChanges.reset(house.em(), { accountId, actor: 'cli:test' });
  expect(await passwordOf(accountId)).toEqual({ has: true });
});

test('the owner is told in their own language, with a link from the configured issuer and nothing secret', async () => {
  const { accountId, email } = await house.person();
  const { factor_changed: compose } = idp.letters;
  const letter = (change: string, locale?: 'es') => ({
    kind: 'factor_changed' as const,
    accountId,
    data: { change },
    ...(locale && { locale }),
  });
  await house.pool.query(`update account set locale = 'de' where id = $1`, [accountId]);

  expect(await compose(house.em(), letter('passkey_added'))).toEqual({
    to: email,
    locale: 'de',
    subject: 'Ein Passkey wurde hinzugefügt',
    heading: 'Ein Passkey wurde hinzugefügt',
    paragraphs: [expect.stringContaining('anmelden'), expect.stringContaining('abgemeldet')],
    action: { label: 'Sicherheitseinstellungen prüfen', url: 'https://id.example/account/security' },
    closing: [expect.stringContaining('nicht waren')],
  });
  for (const change of ['totp_added', 'totp_removed', 'recovery_codes_made', 'passkey_removed', 'factors_reset'])
    expect(await compose(house.em(), letter(change, 'es'))).toMatchObject({ to: email, locale: 'es' });
  expect(await compose(house.em(), letter('constructor'))).toBeUndefined();
  expect(await compose(house.em(), { ...letter('totp_added'), accountId: randomUUID() })).toBeUndefined();
});

test('a letter that cannot be asked for leaves everything as it was', async () => {
  const { accountId } = await house.withTotp();
  const { uid } = await house.cluster.signedIn(accountId);
  const failing = house.node({ send: () => Promise.reject(new Error('the disk is full')) });

  await expect(failing.totp.remove(house.em(), { accountId, actor: accountId })).rejects.toThrow('the disk is full');

  expect(await idp.secondFactors.of(accountId)).toMatchObject({ totp: true });
  const { rowCount } = await house.pool.query('select 1 from sso_session where uid = $1', [uid]);
  expect(rowCount).toBe(1);
});

async function setUp(accountId: string, keepSessionUid: string) {
  const { secret } = await idp.totp.begin(house.em(), { accountId, binding });
  house.setClock(Date.now());
  const code = codeAt(secret.replaceAll(' ', ''), Date.now());
  return idp.totp.confirm(house.em(), { accountId, actor: accountId, binding, code, keepSessionUid });
}

async function trustSomeDevice(accountId: string): Promise<void> {
  await house.pool.query(
    `insert into trusted_device (id, account_id, token_hash, created_at, last_used_at, expires_at)
     values (gen_random_uuid(), $1, gen_random_uuid(), now(), now(), now() + interval '1 day')`,
    [accountId],
  );
}

async function trusted(accountId: string): Promise<number | null> {
  return (await house.pool.query('select 1 from trusted_device where account_id = $1', [accountId])).rowCount;
}

async function causes(): Promise<string[]> {
  const { rows } = await house.pool.query<{ cause: string }>('select cause from revocation');
  return rows.map(({ cause }) => cause);
}

async function givePasskey(accountId: string): Promise<void> {
  await house.pool.query(
    `insert into passkey (id, account_id, credential_id, user_handle, public_key, counter, transports, name, synced, stands_alone, created_at)
     values (gen_random_uuid(), $1::uuid, $1, 'x', '', 0, '{}', 'Key', false, true, now())`,
    [accountId],
  );
}
