import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mutilated } from '#harness.ts';
import { startCluster, type Cluster } from '#revocations/test/cluster.ts';
import { consume, issueCode, issueToken, peek, type Purpose, withdraw } from './service.ts';

const purposes: Purpose[] = [
  'registration',
  'password_reset',
  'email_change',
  'email_change_undo',
  'email_code',
  'not_me',
  'deletion_cancel',
];
const lifeSeconds = 60;
let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

async function account(): Promise<string> {
  const [id, email] = [randomUUID(), `${unique('person')}@example.org`];
  await cluster.pool.query(
    `insert into account (id, email, email_normalized, email_verified, name, roles, created_at)
     values ($1, $2, $2, true, 'A person', '{}', now())`,
    [id, email],
  );
  return id;
}

const inTransaction = <T>(act: (em: EntityManager) => Promise<T>): Promise<T> => cluster.em().transactional(act);

test('of many who consume one token at once, on several connections, exactly one gets it', async () => {
  const accountId = await account();
  const issue = { purpose: 'password_reset', accountId, lifeSeconds } as const;
  const token = await inTransaction((em) => issueToken(em, issue));

  const tries = Array.from({ length: 20 }, () =>
    inTransaction((em) => consume(em, { purpose: 'password_reset', token })),
  );
  const got = (await Promise.all(tries)).filter(Boolean);

  expect(got).toEqual([{ accountId, email: null, data: {} }]);
  expect(await peek(cluster.em(), { purpose: 'password_reset', token })).toBeUndefined();
});

test('looking uses nothing up, and an act that fails leaves the token as it was', async () => {
  const email = `${unique('new')}@example.org`;
  const issue = { purpose: 'registration', email, data: { from: 'shop' }, lifeSeconds } as const;
  const token = await inTransaction((em) => issueToken(em, issue));
  const presented = { purpose: 'registration', token } as const;
  for (let i = 0; i < 3; i++) expect(await peek(cluster.em(), presented)).toMatchObject({ email });

  const failing = inTransaction(async (em) => {
    expect(await consume(em, presented)).toBeDefined();
    throw new Error('the act failed');
  });
  await expect(failing).rejects.toThrow('the act failed');

  expect(await inTransaction((em) => consume(em, presented))).toEqual({
    accountId: null,
    email,
    data: { from: 'shop' },
  });
});

test('lesson 42: a token does what it was issued for and nothing else', async () => {
  const accountId = await account();
  const em = cluster.em();
  for (const purpose of purposes) {
    const token = await issueToken(em, { purpose, accountId, lifeSeconds });
    const code = await issueCode(em, { purpose, accountId, binding: 'this flow', lifeSeconds });
    for (const other of purposes.filter((it) => it !== purpose)) {
      expect(await consume(em, { purpose: other, token })).toBeUndefined();
      expect(await consume(em, { purpose: other, token: code, binding: 'this flow' })).toBeUndefined();
    }
    expect(await consume(em, { purpose, token, binding: 'this flow' })).toBeUndefined();
    expect(await consume(em, { purpose, token })).toMatchObject({ accountId });
    expect(await consume(em, { purpose, token: code, binding: 'this flow' })).toMatchObject({ accountId });
  }
});

test('lessons 42 and 66: a code counts in the flow it was made for only, and says whose it is', async () => {
  const em = cluster.em();
  const [mine, theirs] = [await account(), await account()];
  const code = await issueCode(em, { purpose: 'email_code', accountId: mine, binding: 'my flow', lifeSeconds });
  await issueCode(em, { purpose: 'email_code', accountId: theirs, binding: 'their flow', lifeSeconds });

  for (const binding of ['their flow', 'my flo', 'my flow ', '', undefined])
    expect(await consume(em, { purpose: 'email_code', token: code, ...(binding !== undefined && { binding }) })).toBe(
      undefined,
    );
  expect(await consume(em, { purpose: 'email_code', token: code, binding: 'my flow' })).toMatchObject({
    accountId: mine,
  });
});

test('A-27: no truncated, prolonged or altered token or code is worth anything', async () => {
  const accountId = await account();
  const em = cluster.em();
  const token = await issueToken(em, { purpose: 'not_me', accountId, lifeSeconds });
  const binding = 'a flow';
  const code = await issueCode(em, { purpose: 'email_code', accountId, binding, lifeSeconds });

  const accepted: string[] = [];
  for (const wrong of [...mutilated(token), `${token}=`, ` ${token}`, token.toUpperCase(), '', '%'])
    if (await peek(em, { purpose: 'not_me', token: wrong })) accepted.push(wrong);
  for (const wrong of [...mutilated(code), `${code}0`, `0${code}`, code.slice(0, 7), Number(code).toString(16)])
    if (await peek(em, { purpose: 'email_code', token: wrong, binding })) accepted.push(wrong);
  expect(accepted).toEqual([]);

  expect(await peek(em, { purpose: 'not_me', token })).toBeDefined();
  expect(await peek(em, { purpose: 'email_code', token: code, binding })).toBeDefined();
});

test('after its life a token is worth nothing, whatever the clock of the node says', async () => {
  const accountId = await account();
  const em = cluster.em();
  const token = await issueToken(em, { purpose: 'password_reset', accountId, lifeSeconds });
  await em.execute(`update single_use_token set expires_at = now() where account_id = ?`, [accountId]);
  expect(await peek(em, { purpose: 'password_reset', token })).toBeUndefined();
  expect(await consume(em, { purpose: 'password_reset', token })).toBeUndefined();
});

test('a new one can replace the earlier ones, of that purpose and that account or address only', async () => {
  const accountId = await account();
  const em = cluster.em();
  const issue = (purpose: Purpose, over: { email?: string; replacesEarlier?: boolean } = {}) =>
    issueToken(em, { purpose, accountId, lifeSeconds, ...over });
  const [earlier, elsewhere, otherPurpose] = [
    await issue('email_change'),
    await issue('email_change', { email: 'new@example.org' }),
    await issue('password_reset'),
  ];
  const latest = await issue('email_change', { replacesEarlier: true });

  expect(await peek(em, { purpose: 'email_change', token: earlier })).toBeUndefined();
  expect(await peek(em, { purpose: 'email_change', token: latest })).toBeDefined();
  expect(await peek(em, { purpose: 'email_change', token: elsewhere })).toBeDefined();
  expect(await peek(em, { purpose: 'password_reset', token: otherPurpose })).toBeDefined();

  await withdraw(em, accountId, ['email_change']);
  expect(await peek(em, { purpose: 'email_change', token: latest })).toBeUndefined();
  expect(await peek(em, { purpose: 'password_reset', token: otherPurpose })).toBeDefined();
});

test('R-49: what the database holds is no token, and tokens go with their account', async () => {
  const accountId = await account();
  const em = cluster.em();
  const token = await issueToken(em, { purpose: 'password_reset', accountId, lifeSeconds });
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  const rows = await em.execute<{ hash: string }[]>('select * from single_use_token where account_id = ?', [accountId]);
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(token);
  expect(await peek(em, { purpose: 'password_reset', token: rows[0]?.hash ?? '' })).toBeUndefined();

  await em.execute('delete from account where id = ?', [accountId]);
  expect(await peek(em, { purpose: 'password_reset', token })).toBeUndefined();
});
