import type { EntityManager } from '@mikro-orm/postgresql';
import { eventually } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccountChanges } from '#accounts/changes.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { policy } from '#accounts/test/policy.ts';
import { hiddenField, startIdp, type TestIdp } from '#harness.ts';
import { openLedgerOf } from '#revocations/test/ledger.ts';
import { issueToken } from '#single-use/service.ts';
import { createDeletions } from './deletions.ts';
import { deletionLetters } from './letters.ts';
import { samples } from './test/samples.ts';
import { eventsOf, send, sendPicture, signedIn, tablesOfAccounts, type Visitor } from './test/visitor.ts';

let idp: TestIdp;
beforeAll(async () => {
  idp = await startIdp();
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

test('an account that is to be deleted signs out elsewhere, tells its owner, can be kept, and is gone in the end', async () => {
  const client = await idp.declare();
  const person = await signedIn(idp);
  const { id, email } = person.account;
  const elsewhere = await idp.tokens(client, {}, { account: person.account });
  await sendPicture(person, samples.png);
  const dueOf = async () =>
    (await idp.sql<{ at: Date | null }>('select deletion_at as at from account where id = ?', [id]))[0]?.at;

  expect((await send(person, '/account/delete', { email: 'wrong@example.org' })).response.status).toBe(422);
  expect(await dueOf()).toBeNull();
  const page = await send(person, '/account/delete', { email: email.toUpperCase() });
  expect(page.text).toContain('This account will be deleted on');
  expect(
    (await idp.token(client, { grant_type: 'refresh_token', refresh_token: elsewhere.refresh_token })).status,
  ).toBe(400);
  const due = await dueOf();
  await send(person, '/account/delete', { email }); // asked again, the day stays
  expect(await dueOf()).toEqual(due);
  expect(await letters('deletion_scheduled', id)).toBe(1);

  await send(person, '/account/delete/cancel');
  expect(await dueOf()).toBeNull();

  await send(person, '/account/delete', { email });
  const token = await idp.orm.em
    .fork()
    .transactional((em: EntityManager) =>
      issueToken(em, { purpose: 'deletion_cancel', accountId: id, lifeSeconds: 60 }),
    );
  const stranger = idp.browser();
  const ask = await stranger.go(`/account/keep?token=${token}`);
  expect(ask.text).toContain('Keep my account');
  expect(await dueOf()).not.toBeNull(); // to look is not to act
  const kept = await stranger.post(
    '/account/keep',
    { csrf: hiddenField(ask.text, 'csrf'), token },
    { headers: { 'sec-fetch-site': 'same-origin' } },
  );
  expect(kept.text).toContain('Your account stays');
  expect(await dueOf()).toBeNull();
  expect((await stranger.go(`/account/keep?token=${token}`)).response.status).toBe(410);
  expect(await letters('deletion_cancelled', id)).toBe(2);
  expect(await eventsOf(idp, person, 'account.deletion')).toEqual([
    'account.deletion_scheduled',
    'account.deletion_cancelled',
    'account.deletion_scheduled',
    'account.deletion_cancelled',
  ]);
});

test('the letter about a deletion is in the language of the account, and its link keeps the account until the day', async () => {
  const person = await signedIn(idp);
  const { id, email } = person.account;
  await idp.sql(`update account set locale = 'de' where id = ?`, [id]);
  const compose = deletionLetters({ issuer: idp.issuer, graceDays: 14 }).deletion_scheduled;
  const letter = () =>
    idp.orm.em
      .fork()
      .transactional(async (em) => compose?.(em, { kind: 'deletion_scheduled', accountId: id, locale: 'en' }));
  expect(await letter()).toBeUndefined(); // nothing is to be deleted
  await send(person, '/account/delete', { email });

  const composed = await letter();

  expect(composed).toMatchObject({ to: email, locale: 'de' });
  expect((await idp.browser().go(composed?.action?.url ?? '')).response.status).toBe(200);
  expect(
    await idp.sql(
      'select purpose, extract(day from expires_at - created_at)::int as days from single_use_token where account_id = ?',
      [id],
    ),
  ).toEqual([{ purpose: 'deletion_cancel', days: 14 }]);
});

test('the last administrator cannot have the account deleted', async () => {
  const person = await signedIn(idp);
  await idp.sql(`update account set roles = '{admin}' where id = ?`, [person.account.id]);
  expect((await send(person, '/account/delete', { email: person.account.email })).response.status).toBe(422);
  expect(await eventsOf(idp, person, 'account.deletion')).toEqual([]);
});

test('the day an account is due it is deleted once, with everything of it, unless its owner has just kept it', async () => {
  await using opened = openLedgerOf(idp);
  const { ledger, post } = opened;
  const changes = createAccountChanges({ ledger, post, policy, passwords: createPasswords() });
  const node = (remove: typeof changes.remove = changes.remove) =>
    createDeletions({ ledger, post, changes: { remove }, graceDays: 14, now: () => new Date() });
  const client = await idp.declare();
  const [due, keeping, later] = [await signedIn(idp), await signedIn(idp), await signedIn(idp)];
  await idp.tokens(client, {}, { account: due.account });
  await sendPicture(due, samples.png);
  const dueAt = (who: Visitor, interval: string) =>
    idp.sql(`update account set deletion_at = now() + ?::interval where id = ?`, [interval, who.account.id]);
  await Promise.all([dueAt(due, '-1 minute'), dueAt(keeping, '-1 minute'), dueAt(later, '1 minute')]);

  const keepFirst: typeof changes.remove = async (em, act) => {
    if (act.accountId === keeping.account.id) await node().cancel(em.fork(), act.accountId);
    return changes.remove(em, act);
  };
  const removed = await Promise.all([1, 2, 3].map(() => node(keepFirst).removeDue(idp.orm.em.fork())));

  expect(removed.reduce((sum, count) => sum + count)).toBe(1);
  const left = await idp.sql<{ id: string }>('select id from account where id in (?, ?, ?)', [
    due.account.id,
    keeping.account.id,
    later.account.id,
  ]);
  expect(left.map(({ id }) => id).toSorted()).toEqual([keeping.account.id, later.account.id].toSorted());
  expect((await due.browser.go('/account')).url.pathname).toMatch(/^\/sign-in\//);
  const history = ['audit_event', 'ban', 'delivery', 'revocation'];
  for (const table of (await tablesOfAccounts(idp)).filter((name) => !history.includes(name))) {
    const rows = await idp.sql(`select '${table}' from ${table} where account_id = ?`, [due.account.id]);
    expect(rows).toEqual([]);
  }
});

/** How many of them have been asked for. */
async function letters(kind: string, accountId: string): Promise<number> {
  const count = async () =>
    (
      await idp.sql(`select 1 from pgboss.job where data ->> 'kind' = ? and data ->> 'accountId' = ?`, [
        kind,
        accountId,
      ])
    ).length;
  await eventually(async () => (await count()) > 0);
  return count();
}
