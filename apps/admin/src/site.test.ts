import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '@portcullis/http';
import { openDoor } from '@portcullis/testing';
import { ada, event, ids, sam, type SiteUnderTest, startSite } from './site-under-test.ts';

const XSS = `"><img src=x onerror=alert(1)><script>alert(2)</script>&'`;
const nobody = { sub: 'xaver', name: 'Xaver Nobody', roles: ['moderator'] };

let site: SiteUnderTest;
beforeEach(async () => {
  site = await startSite();
});
afterEach(() => site[Symbol.asyncDispose]());

const asked = () => site.provider.asked.map(({ what }) => what);

test('who is not signed in is led to the sign-in, whatever the page', async () => {
  for (const path of ['/', '/accounts', `/accounts/${ids.alice}/ban`, '/audit/export', '/everyone']) {
    expect((await site.visitor().get(path)).location).toBe('/sign-in');
  }
  expect(asked()).toEqual([]);
});

test('who is no operator is told so, is offered to come back as somebody else, and nothing is asked for them', async () => {
  for (const path of ['/', '/accounts', '/audit/export?format=csv', `/accounts/${ids.alice}/ban`]) {
    const { status, html } = await site.visitor(nobody).get(path);
    expect(status).toBe(403);
    expect(html).toContain('This console is for operators');
    expect(html).toContain('Xaver Nobody');
    expect(html).toContain('action="/sign-out"');
    expect(html).not.toContain('href="/accounts"');
  }
  expect(asked()).toEqual([]);
});

test('support looks at everything and ends sessions; other acts are neither offered nor done', async () => {
  const visitor = site.visitor(sam);
  const { html } = await visitor.get(`/accounts/${ids.alice}`);
  expect(html).toContain('Alice Wicket');
  expect(html).toContain('/sessions/sid-1/end');
  expect(html).not.toMatch(/\/ban"|\/delete"|\/roles"/);
  expect((await visitor.get('/accounts')).html).not.toContain('type="checkbox"');

  const before = asked().length;
  for (const act of ['ban', 'lift', 'roles', 'delete', 'applications/shop/withdraw']) {
    expect((await visitor.get(`/accounts/${ids.alice}/${act}`)).status).toBe(403);
    expect((await visitor.submit(`/accounts/${ids.alice}/${act}`, { step: 'confirm' })).status).toBe(403);
  }
  expect((await visitor.get('/audit/export?format=csv')).status).toBe(403);
  for (const path of ['/everyone', '/applications/shop/disable', '/bans/new?accounts=x']) {
    expect((await visitor.submit(path, {})).status).toBe(403);
  }
  expect(asked().slice(before)).toEqual([]);

  await visitor.get(`/accounts/${ids.alice}/sessions/sid-1/end`);
  const ended = await visitor.submit(`/accounts/${ids.alice}/sessions/sid-1/end`, {});
  expect(ended.location).toBe(`/accounts/${ids.alice}/sessions?done=session-ended`);
  expect(asked().at(-1)).toBe(`DELETE /accounts/${ids.alice}/sessions/sid-1`);
});

test("everything is asked with the session's own access token, which no page shows", async () => {
  const token = openDoor.accessToken(ada);
  for (const path of ['/', '/accounts', `/accounts/${ids.alice}`, '/bans', '/audit', '/applications']) {
    const { status, html } = await site.visitor(ada).get(path);
    expect(status).toBe(200);
    expect(html).not.toContain(token);
  }
  expect(new Set(site.provider.asked.map((request) => request.token))).toEqual(new Set([token]));
});

test('the overview says which instances cannot be heard', async () => {
  const { html } = await site.visitor(ada).get('/');
  expect(html).toContain('1,203,411');
  expect(html).toContain('1 instance of 2 cannot be heard.');
  expect(html).toContain('forum-1, not seen for 40 s');
  site.provider.overview.mirrors = null;
  expect((await site.visitor(ada).get('/')).html).toContain('who follows the denylist cannot be said');
});

test('an account that is often looked at still tells what was done; the audit log tells of the looks as well', async () => {
  site.provider.events.unshift(...Array.from({ length: 20 }, () => event('admin.viewed', {})));
  for (const path of ['/', `/accounts/${ids.alice}`]) {
    const { html } = await site.visitor(ada).get(path);
    expect(html).toContain('Signed in');
    expect(html).not.toContain('Looked at');
  }
  expect((await site.visitor(ada).get('/audit')).html).toContain('Looked at');
});

test('the search asks for what was typed, and leads on by the provider’s own cursor', async () => {
  const { html } = await site.visitor(ada).get('/accounts?q=Al&status=active');
  expect(asked()).toEqual(['GET /accounts?q=Al&status=active&limit=50']);
  expect(html).toContain('alice@example.com');
  expect(html).not.toContain('bob@example.com');
  expect((await site.visitor(ada).get('/accounts?q=zzz')).html).toContain('Nothing fits this search');

  await site.visitor(ada).get('/accounts?q=Al&after=abc');
  expect(asked().at(-1)).toBe('GET /accounts?q=Al&after=abc&limit=50');
  const [example] = site.provider.accounts.slice(1);
  if (example) for (let i = 0; i < 60; i += 1) site.provider.accounts.push({ ...example, id: crypto.randomUUID() });
  const many = (await site.visitor(ada).get('/accounts')).html;
  expect(many).toContain('/accounts?after&#x3D;next-page');
  expect(many).not.toContain(`name="pick-${ids.ada}"`);
});

test('A-16: what the provider says is printed as text, whatever it holds', async () => {
  const [, alice] = site.provider.accounts;
  Object.assign(alice ?? {}, { name: XSS, email: XSS, roles: [XSS] });
  Object.assign(site.provider.sessions[0] ?? {}, { userAgent: XSS, address: XSS, place: XSS, applications: [XSS] });
  site.provider.events = [event(XSS, { detail: { [XSS]: XSS, list: [XSS] }, clientId: XSS })];
  for (const path of ['', '/sessions', '/applications', '/activity', '/ban', '/delete', '/roles']) {
    const { status, html } = await site.visitor(ada).get(`/accounts/${ids.alice}${path}`);
    expect(status).toBe(200);
    expect(html).not.toMatch(/<img src=x|<script>alert/);
  }
  for (const path of ['/', '/accounts', '/audit', `/accounts?q=${encodeURIComponent(XSS)}`]) {
    expect((await site.visitor(ada).get(path)).html).not.toMatch(/<img src=x|<script>alert/);
  }
});

test('what is not there is a page of the console, without the provider being asked for nonsense', async () => {
  expect((await site.visitor(ada).get('/accounts/..%2f..%2fclients')).status).toBe(404);
  expect((await site.visitor(ada).get('/bans/1')).status).toBe(404);
  expect(asked()).toEqual([]);
  const { status, html } = await site.visitor(ada).get(`/accounts/${crypto.randomUUID()}`);
  expect(status).toBe(404);
  expect(html).toContain('There is nothing here');
});

test('a provider that is away or talks of something else is said to be so, with a way to try again', async () => {
  site.provider.refuse = (ctx) => {
    if (ctx.path === '/admin-api/clients') return new AppError('unavailable', 'later', 'Later.');
    return undefined;
  };
  expect((await site.visitor(ada).get('/applications')).status).toBe(503);
  site.provider.refuse = undefined;
  site.provider.clients = [{ id: 'shop' }] as never;
  expect((await site.visitor(ada).get('/applications')).status).toBe(503);

  const visitor = site.visitor(ada);
  await visitor.get('/everyone');
  await site.stopProvider();
  const { status, html } = await visitor.get('/accounts?q=a');
  expect(status).toBe(503);
  expect(html).toContain('Portcullis does not answer');
  expect(html).toContain('href="/accounts?q&#x3D;a"');
  const act = await visitor.submit('/everyone', { typed: 'sign everybody out' });
  expect(act.html).toContain('It may have been done all the same: look before you try again.');
});

test('a role that was taken away since shows as that, not as a failure', async () => {
  site.provider.refuse = () => new AppError('forbidden', 'role_needed', 'No.');
  const { status, html } = await site.visitor(ada).get('/');
  expect(status).toBe(403);
  expect(html).toContain('This console is for operators');
});

test('R-61: a form that this browser was not given does nothing, and says how to go on', async () => {
  const visitor = site.visitor(ada);
  await visitor.get('/accounts');
  const { status, html } = await visitor.submit(`/accounts/${ids.alice}/sessions/end-all`, { csrf: 'forged' });
  expect(status).toBe(403);
  expect(html).toContain('This page was too old');
  expect(html).toContain(`href="/accounts/${ids.alice}/sessions/end-all"`);
  expect(asked().filter((what) => !what.startsWith('GET'))).toEqual([]);
});

test('the audit log says in the language of the console why something was revoked', async () => {
  site.provider.events = [event('revocation.password_changed', {}), event('grant.ended.refresh_reuse', {})];
  const { html } = await site.visitor({ ...ada, locale: 'de' }).get('/audit');
  expect(html).toContain('Widerruf: Passwort geändert');
  expect(html).toContain('Zugriff beendet: Refresh-Token zweimal benutzt');
});

test('filters of the audit log are meant in UTC; one that is not understood is asked of nobody', async () => {
  const { html } = await site.visitor(ada).get('/audit?action=account.signed_in&from=2026-11-01T00:00&to=&actor=');
  expect(asked()).toEqual(['GET /audit?action=account.signed_in&from=2026-11-01T00%3A00%3A00.000Z&limit=50']);
  expect(html).toContain('Signed in');
  expect(html).toContain('value="2026-11-01T00:00"');
  expect(html).not.toContain('session.ended_by_owner');
  expect(html).toContain(
    '/audit/export?action&#x3D;account.signed_in&amp;from&#x3D;2026-11-01T00%3A00&amp;format&#x3D;csv',
  );
  const wrong = await site.visitor(ada).get('/audit?accountId=1');
  expect(wrong.status).toBe(422);
  expect(wrong.html).toContain('The whole id of an account.');
  expect(asked()).toHaveLength(1);
});

test('the export is what the provider exports, under a name of its own', async () => {
  const headers = openDoor.headers(ada);
  for (const [format, line] of [
    ['csv', 'now,ban.created'],
    ['ndjson', '{"action":"ban.created"}'],
  ]) {
    const response = await fetch(`${site.url}/audit/export?format=${format}&action=ban.created`, { headers });
    expect(response.headers.get('content-disposition')).toMatch(
      new RegExp(`attachment; filename="audit-.*\\.${format}"`),
    );
    expect(await response.text()).toContain(line);
  }
  expect(asked()).toEqual([
    'GET /audit/export?action=ban.created&format=csv',
    'GET /audit/export?action=ban.created&format=ndjson',
  ]);
});

test('what scripts add is served by the console itself', async () => {
  const { html } = await site.visitor(ada).get('/accounts');
  const files = [...html.matchAll(/src="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
  expect(files.some((file) => file.endsWith('/admin-picks.js'))).toBe(true);
  for (const file of files) expect((await site.visitor(ada).get(file)).status).toBe(200);
  expect(html).not.toMatch(/<script>|<style| style="| onclick/);
});
