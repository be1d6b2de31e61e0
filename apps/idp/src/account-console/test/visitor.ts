import { type Browser, hiddenField, type Page, type Person, type TestIdp } from '#harness.ts';

export type Visitor = { account: Person; browser: Browser; csrf: string; uid: string };

/** Somebody who is signed in at the account console, in a browser of their own. */
export async function signedIn(idp: TestIdp, account?: Person): Promise<Visitor> {
  const who = account ?? (await idp.person());
  const browser = idp.browser();
  const page = await browser.submit(await browser.go('/account'), who.email);
  const [session] = await idp.sql<{ uid: string }>(
    'select uid from sso_session where account_id = ? order by created_at desc limit 1',
    [who.id],
  );
  return { account: who, browser, csrf: hiddenField(page.text, 'csrf'), uid: session?.uid ?? '' };
}

/** Sends one of the console's forms, without looking at the page it is on. */
export function send(
  { browser, csrf }: Pick<Visitor, 'browser' | 'csrf'>,
  path: string,
  fields: Record<string, string> = {},
): Promise<Page> {
  const headers = { 'sec-fetch-site': 'same-origin' };
  return browser.post(path, { csrf, ...fields }, { headers });
}

/** Lets time pass since the person signed in. */
export async function idle(idp: TestIdp, { account }: Visitor, seconds: number): Promise<void> {
  await idp.sql(
    `update sso_session set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::int - ?::int))
     where account_id = ?`,
    [seconds, account.id],
  );
}

/** Everything that is kept of an account, to see whether it changed. */
export async function everythingOf(idp: TestIdp, accountId: string): Promise<string> {
  const tables = await tablesOfAccounts(idp);
  const rows = await Promise.all([
    idp.sql('select * from account where id = ?', [accountId]),
    ...tables.map((table) => idp.sql(`select * from ${table} where account_id = ? order by 1`, [accountId])),
  ]);
  return JSON.stringify(Object.fromEntries(['account', ...tables].map((table, i) => [table, rows[i]])), null, 1);
}

/** Tables whose rows belong to an account. */
export async function tablesOfAccounts(idp: TestIdp): Promise<string[]> {
  const found = await idp.sql<{ name: string }>(
    `select c.table_name as name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and c.column_name = 'account_id' and t.table_type = 'BASE TABLE' order by 1`,
  );
  return found.map(({ name }) => name);
}

/** The names of what was recorded of an account, those that begin so, the oldest first. */
export async function eventsOf(idp: TestIdp, { account }: Visitor, beginning: string): Promise<string[]> {
  const rows = await idp.sql<{ action: string }>(
    'select action from audit_event where account_id = ? and starts_with(action, ?) order by at',
    [account.id, beginning],
  );
  return rows.map(({ action }) => action);
}

export async function sendPicture({ browser, csrf }: Visitor, bytes: Buffer) {
  const body = new FormData();
  body.set('csrf', csrf);
  body.set('picture', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), 'me.png');
  return browser.go('/account/picture', { method: 'POST', body, headers: { 'sec-fetch-site': 'same-origin' } });
}
