import { afterAll, beforeAll, expect, test } from 'vitest';
import { startIdp, type TestIdp } from '#harness.ts';
import { personalAccount, personalTables } from './data.ts';
import { eventsOf, signedIn, tablesOfAccounts } from './test/visitor.ts';

const family = 'urn:portcullis:family';

let idp: TestIdp;
beforeAll(async () => {
  idp = await startIdp({ settings: { BRAND_NAME: 'Acme & Sons' } });
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

test('my data is all there is in every table, one JSON document, and no secret is in it', async () => {
  const person = await signedIn(idp);
  const { id, email } = person.account;
  const secrets = ['a-sealed-secret', 'a-code-hash', 'a-device-hash', 'an-internal-note'];
  await idp.sql(`insert into totp_authenticator (account_id, secret, last_step, created_at) values (?, ?, 0, now())`, [
    id,
    secrets[0],
  ]);
  await idp.sql(`insert into recovery_code (hash, account_id, created_at) values (?, ?, now())`, [secrets[1], id]);
  await idp.sql(
    `insert into trusted_device (id, account_id, token_hash, user_agent, created_at, last_used_at, expires_at)
     values (gen_random_uuid(), ?, ?, 'A trusted browser', now(), now(), now() + interval '1 day')`,
    [id, secrets[2]],
  );
  await idp.sql(
    `insert into audit_event (id, at, actor, action, account_id, detail) values (gen_random_uuid(), now(), 'cli:root', 'ban.lifted', ?, ?)`,
    [id, JSON.stringify({ note: secrets[3] })],
  );
  await idp.sql(
    `update sso_session set payload = jsonb_set(payload, '{acr}', '"urn:portcullis:acr:mfa"') where account_id = ?`,
    [id],
  );

  const client = await idp.declare({ name: 'A shop' });
  await idp.tokens(client, {}, { account: person.account, browser: person.browser });
  await idp.sql(
    `insert into delivery (id, channel, recipient, account_id, payload, created_at)
     values (gen_random_uuid(), 'webhook', 'a listener', ?, '{}', now())`,
    [id],
  );

  const page = await person.browser.go('/account/data/download');

  expect(page.response.headers.get('content-disposition')).toBe('attachment; filename="acme-sons-account.json"');
  const data = JSON.parse(page.text) as Record<string, unknown[]> & { account: object };
  expect(data.account).toMatchObject({ id, email, name: 'A person' });
  const [hash] = await idp.sql<{ hash: string }>('select password_hash as hash from account where id = ?', [id]);
  for (const secret of [...secrets, hash?.hash ?? '', 'argon2']) expect(page.text).not.toContain(secret);
  expect(JSON.stringify(data['trusted_devices'])).toContain('A trusted browser');
  expect(data['authenticators']).toHaveLength(1);
  const [{ events } = { events: 0 }] = await idp.sql<{ events: number }>(
    'select count(*)::int as events from audit_event where account_id = ?',
    [id],
  );
  expect(data['activity']).toHaveLength(events);
  expect(await eventsOf(idp, person, 'account.data')).toEqual(['account.data_downloaded']);

  expect(data['sessions']).toContainEqual(
    expect.objectContaining({ level: 'urn:portcullis:acr:mfa', methods: ['pwd'], signed_in_at: expect.any(String) }),
  );
  const scopes = ['openid', 'profile', 'email'];
  expect(data['applications']).toContainEqual(
    expect.objectContaining({ client_id: client, name: 'A shop', scopes, resources: { [family]: 'family' } }),
  );
  expect(data['notices']).toMatchObject([{ recipient: 'a listener', channel: 'webhook' }]);
});

/** Keys and hashes, inner names, what operators keep for themselves. */
const withheld: Record<string, string[]> = {
  account: ['email_normalized', 'password_hash', 'password_stands_alone'],
  account_picture: ['id'],
  ban: ['banned_by', 'id', 'lifted_by', 'reason', 'revocation_ids'],
  consent: [],
  delivery: ['attempts', 'id', 'last_attempt_at', 'last_error', 'last_status', 'payload', 'revocation_id'],
  known_device: ['id', 'token_hash'],
  known_place: [],
  oidc_grant: [],
  passkey: ['counter', 'credential_id', 'id', 'public_key', 'user_handle'],
  recovery_code: ['hash'],
  single_use_token: ['data', 'hash'],
  sso_session: ['id_hash'],
  totp_authenticator: ['last_step', 'secret'],
  trusted_device: ['id', 'token_hash'],
};

test('of every table that tells of a person my data has every column, but for those that are withheld', async () => {
  const told = [...Object.values(personalTables), personalAccount];
  // The activity is written by other means; why something was revoked is in it.
  const tables = (await tablesOfAccounts(idp)).filter((table) => !['audit_event', 'revocation'].includes(table));
  const untold = ['account', ...tables].map(async (table) => {
    const sql = told.find((select) => new RegExp(`from ${table}\\b`).test(select)) ?? '';
    const columns = await idp.sql<{ name: string }>(
      `select column_name as name from information_schema.columns
       where table_schema = 'public' and table_name = ? and column_name <> 'account_id'`,
      [table],
    );
    const names = columns.map(({ name }) => name).filter((name) => !new RegExp(`\\b${name}\\b`).test(sql));
    return [table, names.toSorted()] as const;
  });
  expect(Object.fromEntries(await Promise.all(untold))).toEqual(withheld);
});
