import { freshDatabase, unique } from '@portcullis/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '#database/orm.ts';
import { createAccountCreation } from './creation.ts';
import { Account } from './entity.ts';
import { createPasswords } from './passwords.ts';
import { policy } from './test/policy.ts';

const password = 'correct horse battery staple';
const { create } = createAccountCreation({ passwords: createPasswords(), policy });

let orm: ReturnType<typeof connect>;
const disposables = new AsyncDisposableStack();
beforeAll(async () => {
  const database = disposables.use(await freshDatabase());
  orm = disposables.adopt(connect({ url: database.url, poolSize: 10 }), (open) => open.close());
  await orm.migrator.up();
});
afterAll(() => disposables.disposeAsync());

test('A-30: of twenty simultaneous creations for one address, spelled differently, exactly one wins', async () => {
  const email = `${unique('race')}@example.org`;
  const spellings = [email, email.toUpperCase(), ` ${email}`, email.replace('example', 'ｅｘａｍｐｌｅ')];

  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      create(orm.em.fork(), { email: String(spellings[i % 4]), name: 'Racer', password, actor: 'cli:test' }),
    ),
  );

  expect(results.filter((result) => result.ok)).toHaveLength(1);
  expect(results.find((result) => !result.ok)).toEqual({ ok: false, reason: 'email_taken' });
  expect(await orm.em.fork().count(Account, { emailNormalized: email })).toBe(1);
});

test.each([
  ['not an address', password, 'email_invalid'],
  [`${'x'.repeat(310)}@example.org`, password, 'email_invalid'],
  ['short@example.org', 'fourteen chars', 'password_too_short'],
  ['mara.gatekeeper@example.org', 'mara.gatekeeper', 'password_too_easy'],
])('R-40: an account for %s is refused', async (email, secret, reason) => {
  expect(await create(orm.em.fork(), { email, name: 'Nobody', password: secret, actor: null })).toEqual({
    ok: false,
    reason,
  });
});
