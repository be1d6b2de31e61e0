import { afterAll, beforeAll, expect, test } from 'vitest';
import { startIdp, type TestIdp } from '#harness.ts';
import { composeAccountConsole } from './composition.ts';
import { consolePath } from './client.ts';
import { everythingOf, idle, send, signedIn, type Visitor } from './test/visitor.ts';

/** Who may come in. `sensitive`: signed in at most five minutes ago, with a second factor where there is one. */
const policy: Record<string, 'public' | 'signed in' | 'sensitive'> = {
  'GET /account/signed-in': 'public',
  'GET /account/switch': 'public',
  'GET /account/keep': 'public',
  'POST /account/keep': 'public',
  'GET /account/kept': 'public',
  'GET /pictures/:id': 'public',
  'GET /account': 'signed in',
  'POST /account/profile': 'signed in',
  'POST /account/picture': 'signed in',
  'POST /account/picture/remove': 'signed in',
  'POST /account/sign-out': 'signed in',
  'GET /account/sessions': 'signed in',
  'POST /account/sessions/end-others': 'signed in',
  'POST /account/sessions/:uid/end': 'signed in',
  'GET /account/applications': 'signed in',
  'POST /account/applications/:clientId/withdraw': 'signed in',
  'GET /account/activity': 'signed in',
  'GET /account/data': 'signed in',
  'GET /account/security': 'signed in',
  'POST /account/security/devices/:id/revoke': 'signed in',
  'POST /account/security/devices/revoke-all': 'signed in',
  'POST /account/delete/cancel': 'signed in',
  'GET /account/data/download': 'sensitive',
  'GET /account/delete': 'sensitive',
  'POST /account/delete': 'sensitive',
  'GET /account/email': 'sensitive',
  'POST /account/email': 'sensitive',
  'GET /account/security/password': 'sensitive',
  'POST /account/security/password': 'sensitive',
  'GET /account/security/authenticator': 'sensitive',
  'POST /account/security/authenticator': 'sensitive',
  'POST /account/security/authenticator/remove': 'sensitive',
  'GET /account/security/recovery-codes': 'sensitive',
  'POST /account/security/recovery-codes': 'sensitive',
  'GET /account/security/passkeys': 'sensitive',
  'POST /account/security/passkeys': 'sensitive',
  'POST /account/security/passkeys/:id/rename': 'sensitive',
  'POST /account/security/passkeys/:id/remove': 'sensitive',
};
const routes = Object.keys(policy);
const pathsOf = (method: 'GET' | 'POST', who: string[] = ['signed in', 'sensitive']): string[] =>
  routes.flatMap((route) =>
    route.startsWith(method) && who.includes(policy[route] ?? '') ? [route.slice(method.length + 1)] : [],
  );
/** Those that are sent as forms of texts. */
const formPaths = (): string[] => pathsOf('POST').filter((path) => path !== '/account/picture');
/** Somebody's object, but nobody's here. */
const nobodys = '00000000-0000-4000-8000-000000000000';
const concrete = (path: string, id = nobodys): string => path.replace(/:\w+/, id);
/** What the forms of the console would send. */
const fields: Record<string, Record<string, string>> = {
  '/account/profile': { name: 'Somebody else', locale: 'de' },
  '/account/email': { email: 'other@example.org' },
  '/account/delete': { email: '' },
  '/account/security/password': { password: 'a meadow beneath seven lanterns', sign_out_others: 'yes' },
  '/account/security/authenticator': { code: '123456' },
  '/account/security/passkeys': { response: '{}', name: 'Key' },
  '/account/security/passkeys/:id/rename': { name: 'Mine' },
};

let idp: TestIdp;
beforeAll(async () => {
  idp = await startIdp();
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

test('the policy names every route there is, and no other', async () => {
  await using composed = composeAccountConsole({
    config: { http: {}, brand: {}, deletionGraceDays: 14 },
    pages: {},
    csrf: { protect: () => undefined },
    factors: {},
    withEm: () => () => undefined,
  } as unknown as Parameters<typeof composeAccountConsole>[0]);
  const found = composed.routers.flatMap(({ stack }) =>
    stack.flatMap(({ path, methods }) =>
      methods
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${String(path).replace(/(?<=.)\/$/, '')}`),
    ),
  );
  expect(found.toSorted()).toEqual(routes.toSorted());
});

test('a visitor is asked to sign in before anything is shown or done', async () => {
  const pages = [
    ...pathsOf('GET').map((path) => idp.browser().go(path)),
    ...formPaths().map((path) => send({ browser: idp.browser(), csrf: 'x' }, concrete(path), fields[path])),
  ];
  for (const { url } of await Promise.all(pages)) expect(url.pathname).toMatch(/^\/sign-in\//);
});

test('R-38: who signed in six minutes ago may look around, and proves it again before anything sensitive', async () => {
  const stale = await signedIn(idp);
  await idle(idp, stale, 360);

  const open = await Promise.all(pathsOf('GET', ['signed in']).map((path) => stale.browser.go(path)));
  expect(open.filter(({ response }) => response.status !== 200)).toEqual([]);
  await expectAskedFor(stale, /href="\/auth\?[^"]*prompt=login&amp;max_age=300/);
  await expectNothingDone(stale);
});

test('R-39: who has a second factor shows it before anything sensitive; the password alone is not enough', async () => {
  const weak = await signedIn(idp);
  const sql = `insert into totp_authenticator (account_id, secret, last_step, created_at) values (?, '', 0, now())`;
  await idp.sql(sql, [weak.account.id]);

  await expectAskedFor(weak, /href="\/auth\?[^"]*acr_values=urn%3Aportcullis%3Aacr%3Amfa/);
  await expectNothingDone(weak);
});

test.each([
  ['switched off', 'update account set disabled_at = now() where id = ?'],
  [
    'banned',
    `insert into ban (id, account_id, reason, banned_at, revocation_ids) select gen_random_uuid(), ?, 'other', now(), '{}'`,
  ],
])('who is %s finds no way in, even with a session that is still there', async (_, stop) => {
  const visitor = await signedIn(idp);
  await idp.sql(stop, [visitor.account.id]);
  const before = await everythingOf(idp, visitor.account.id);

  expect((await visitor.browser.go('/account')).url.pathname).toMatch(/^\/sign-in\//);
  await send(visitor, '/account/profile', fields['/account/profile']);
  expect(await everythingOf(idp, visitor.account.id)).toBe(before);
});

/** Every sensitive page says that it wants a sign-in first, and leads to this one. */
async function expectAskedFor({ browser }: Visitor, link: RegExp): Promise<void> {
  for (const page of await Promise.all(pathsOf('GET', ['sensitive']).map((path) => browser.go(path)))) {
    expect(page.response.status).toBe(403);
    expect(page.text.replaceAll('&#x3D;', '=')).toMatch(link);
  }
}

/** None of the sensitive forms does anything for them. */
async function expectNothingDone(visitor: Visitor): Promise<void> {
  const before = await everythingOf(idp, visitor.account.id);
  for (const path of pathsOf('POST', ['sensitive'])) {
    const own = path === '/account/delete' ? { email: visitor.account.email } : fields[path];
    const page = await send(visitor, concrete(path), own);
    expect([path, page.response.status]).toEqual([path, 403]);
    expect(page.text).toContain('First confirm that it is you');
  }
  expect(await everythingOf(idp, visitor.account.id)).toBe(before);
}

test('R-61: no form does anything that does not come from a page printed for this account in this browser', async () => {
  const visitor = await signedIn(idp);
  const otherBrowser = await signedIn(idp, visitor.account);
  const before = await everythingOf(idp, visitor.account.id);
  for (const path of formPaths())
    for (const csrf of ['', otherBrowser.csrf]) {
      const page = await send({ ...visitor, csrf }, concrete(path), fields[path]);
      expect([path, page.response.status]).toEqual([path, 403]);
    }
  expect(await everythingOf(idp, visitor.account.id)).toBe(before);

  await send(visitor, '/account/sign-out');
  await visitor.browser.submit(await visitor.browser.go('/account'), (await idp.person()).email);
  const late = await send(visitor, '/account/profile', { name: 'Meant for the first', locale: '' });
  expect(late.response.status).toBe(403);
});

test('A-21: no form takes a field that it does not have', async () => {
  const visitor = await signedIn(idp);
  const columns = await idp.sql<{ name: string }>(
    `select column_name as name from information_schema.columns where table_name = 'account'`,
  );
  const names = columns.flatMap(({ name }) => [
    name,
    name.replace(/_(\w)/g, (__, letter: string) => letter.toUpperCase()),
  ]);
  const before = await everythingOf(idp, visitor.account.id);
  for (const path of formPaths()) {
    const own = fields[path] ?? {};
    const extra = names.filter((name) => !(name in own)).map((name) => [name, 'admin']);
    for (const more of [Object.fromEntries(extra), { constructor: 'x' }, { actor: 'cli:root' }]) {
      const page = await send(visitor, concrete(path, visitor.uid), { ...own, ...more });
      expect([path, page.response.status]).toEqual([path, 400]);
    }
  }
  expect(await everythingOf(idp, visitor.account.id)).toBe(before);
});

test('A-22: of other people’s sessions, passkeys, devices and applications nobody learns or changes anything', async () => {
  const owner = await signedIn(idp);
  const client = await idp.declare();
  await idp.tokens(client, {}, { account: owner.account });
  const [passkey] = await idp.sql<{ id: string }>(
    `insert into passkey (id, account_id, credential_id, user_handle, public_key, counter, transports, name, synced, stands_alone, created_at)
     values (gen_random_uuid(), ?, ?, 'x', '', 0, '{}', 'Hers', false, true, now()) returning id`,
    [owner.account.id, owner.account.id],
  );
  const [device] = await idp.sql<{ id: string }>(
    `insert into trusted_device (id, account_id, token_hash, created_at, last_used_at, expires_at)
     values (gen_random_uuid(), ?, ?, now(), now(), now() + interval '1 day') returning id`,
    [owner.account.id, owner.account.id],
  );
  const stranger = await signedIn(idp);
  const before = await everythingOf(idp, owner.account.id);

  for (const [path, own] of Object.entries({
    [`/account/sessions/${owner.uid}/end`]: {},
    [`/account/applications/${client}/withdraw`]: {},
    [`/account/security/passkeys/${passkey?.id}/rename`]: { name: 'Mine' },
    [`/account/security/passkeys/${passkey?.id}/remove`]: {},
    [`/account/security/devices/${device?.id}/revoke`]: {},
  })) {
    const theirs = await send(stranger, path, own);
    expect([path, theirs.response.status]).toEqual([path, 404]);
    const nobody = await send(stranger, path.replace(/[^/]+(?=\/\w+$)/, nobodys), own);
    expect(nobody.text.replace(/[\w-]{36}/g, '')).toBe(theirs.text.replace(/[\w-]{36}/g, ''));
  }
  expect(await everythingOf(idp, owner.account.id)).toBe(before);
});

test.each([
  '//evil.example',
  '/\\evil.example',
  'https://evil.example/account',
  '/account@evil.example',
  '/account/../session/end',
  '/account/%2e%2e/x',
  '/account\t/x',
  '/account//evil.example',
  'javascript:alert(1)',
  '/accounts',
  ' /account',
  '/account/security?x=//evil',
])('A-05: after signing in nobody is sent to %j', async (state) => {
  expect(consolePath(state)).toBe('/account');
  const response = await fetch(`${idp.origin}/account/signed-in?${new URLSearchParams({ state })}`, {
    redirect: 'manual',
  });
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe('/account');
});
