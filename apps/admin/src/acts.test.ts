import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '@portcullis/http';
import type { Visitor } from '@portcullis/testing';
import { ada, ids, type SiteUnderTest, startSite } from './site-under-test.ts';

let site: SiteUnderTest;
let visitor: Visitor;
beforeEach(async () => {
  site = await startSite();
  visitor = site.visitor(ada);
});
afterEach(() => site[Symbol.asyncDispose]());

const acts = () => site.provider.asked.filter(({ what }) => !what.startsWith('GET')).map(({ what }) => what);
const alice = `/accounts/${ids.alice}`;

const plain: [string, string, string, string][] = [
  [`${alice}/sessions/sid-1/end`, 'Firefox on Windows', `DELETE ${alice}/sessions/sid-1`, `${alice}/sessions`],
  [`${alice}/sessions/end-all`, 'One live session will end', `DELETE ${alice}/sessions`, `${alice}/sessions`],
  [
    `${alice}/applications/shop/withdraw`,
    'Withdraw the access of Shop',
    `DELETE ${alice}/applications/shop`,
    `${alice}/applications`,
  ],
  ['/applications/shop/disable', 'Switch Shop off?', 'POST /clients/shop/disable', '/applications'],
  ['/applications/dashboard/enable', 'Switch Dashboard on again?', 'POST /clients/dashboard/enable', '/applications'],
];

test.each(plain)(
  '%s asks first, then does it once, and says so on the page it leads to',
  async (path, words, act, to) => {
    expect((await visitor.get(path)).html).toContain(words);
    expect(acts()).toEqual([]);
    const done = await visitor.submit(path, {});
    expect(done.status).toBe(303);
    expect(acts()).toEqual([act]);
    expect(done.location).toMatch(new RegExp(`^${to}\\?done=`));
    expect((await visitor.get(done.location ?? '')).html).toMatch(/<div class="alert success" role="status">/);
  },
);

test('an act that could not be told to the applications yet says that it is recorded, not that it is done', async () => {
  const { html } = await visitor.get('/applications?done=client-disabled&pending=1');
  expect(html).toContain('recorded for good, but the applications could not be told yet');
  expect((await visitor.get('/applications?done=__proto__')).html).not.toContain('class="alert');
});

test('deleting wants the e-mail address typed, keeps what was typed wrong, and cannot be sent without it', async () => {
  await visitor.get(`${alice}/delete`);
  const wrong = await visitor.submit(`${alice}/delete`, { typed: 'alice@example' });
  expect(wrong.status).toBe(422);
  expect(wrong.html).toContain('value="alice@example"');
  expect(acts()).toEqual([]);
  const done = await visitor.submit(`${alice}/delete`, { typed: 'alice@example.com' });
  expect(done.location).toBe('/accounts?done=account-deleted');
  expect(acts()).toEqual([`DELETE ${alice}`]);
});

test('signing everybody out wants words and a moment that has come', async () => {
  await visitor.get('/everyone');
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
  const typed = 'sign everybody out';
  expect((await visitor.submit('/everyone', { typed: 'yes' })).status).toBe(422);
  expect((await visitor.submit('/everyone', { typed, before: tomorrow })).html).toContain('has not come yet');
  expect(acts()).toEqual([]);
  await visitor.submit('/everyone', { typed, before: '2026-11-01T12:00' });
  expect(site.provider.asked.at(-1)?.body).toEqual({ before: '2026-11-01T12:00:00.000Z' });
  expect((await visitor.submit('/everyone', { typed, before: '' })).location).toBe('/?done=everyone');
});

test('roles are shown before and after, and set as a whole', async () => {
  const bob = `/accounts/${ids.bob}`;
  expect((await visitor.get(`${bob}/roles`)).html).toMatch(/name="role-moderator"[^>]* checked/);
  const asked = await visitor.submit(`${bob}/roles`, { 'role-support': 'yes', others: 'editor, editor' });
  expect(asked.html).toContain('<dd>moderator</dd>');
  expect(asked.html).toContain('<strong>support, editor</strong>');
  expect(acts()).toEqual([]);
  const fields = { 'role-support': 'yes', others: 'editor', step: 'confirm' };
  expect((await visitor.submit(`${bob}/roles`, fields)).location).toBe(`${bob}?done=roles-changed`);
  expect(site.provider.asked.at(-1)?.body).toEqual({ roles: ['support', 'editor'] });
  expect((await visitor.submit(`${bob}/roles`, { others: 'Not A Role!' })).status).toBe(422);
});

test('what the provider refuses is said at the form, with what was typed', async () => {
  site.provider.refuse = ({ method }) =>
    method === 'GET' ? undefined : new AppError('conflict', 'last_admin', 'This is the last administrator.');
  await visitor.get(`${alice}/delete`);
  const { status, html } = await visitor.submit(`${alice}/delete`, { typed: 'alice@example.com' });
  expect(status).toBe(409);
  expect(html).toContain('This is the last administrator.');
  expect(html).toContain('value="alice@example.com"');
  const roles = await visitor.submit(`${alice}/roles`, { 'role-analyst': 'yes', step: 'confirm' });
  expect(roles.status).toBe(409);
  expect(roles.html).toMatch(/name="role-analyst"[^>]* checked/);
});

test('RFC 9470: an act that wants a fresh sign-in leads there and comes back to the form as it was', async () => {
  await visitor.get(`${alice}/delete`);
  site.provider.refuse = ({ method }) => (method === 'GET' ? undefined : 'step up');
  const { status, location } = await visitor.submit(`${alice}/delete`, { typed: 'alice@example.com' });
  expect(status).toBe(303);
  expect(location).toBe(`/sign-in?max_age=600&return_to=${encodeURIComponent(`${alice}/delete`)}`);

  site.provider.refuse = undefined;
  const back = await visitor.get(`${alice}/delete`);
  expect(back.html).toContain('Nothing has been done yet');
  expect(back.html).toContain('value="alice@example.com"');
  expect((await visitor.get(`${alice}/delete`)).html).not.toContain('value="alice@example.com"');
  expect(site.provider.asked.filter(({ what }) => what.startsWith('DELETE'))).toHaveLength(1);
});

test('a webhook is added with its secret told once, cannot be added twice, and is removed', async () => {
  await visitor.get('/webhooks/new');
  expect((await visitor.submit('/webhooks/new', { name: 'no spaces', url: 'nowhere' })).status).toBe(422);
  const nothing = { name: 'cases', url: 'https://cases.example/hook', told: 'named' };
  expect((await visitor.submit('/webhooks/new', nothing)).html).toContain('Tick at least one, or choose everything.');
  const fields = { ...nothing, 'cause-ban': 'yes', 'cause-sign_out': 'yes' };
  const made = await visitor.submit('/webhooks/new', fields);
  expect(made.html).toContain('whsec_told-this-once');
  expect(site.provider.webhooks).toMatchObject([{ name: 'cases', causes: ['ban', 'sign_out'] }]);
  const twice = await visitor.submit('/webhooks/new', fields);
  expect(twice.status).toBe(409);
  expect(twice.html).toContain('There is a webhook of this name.');
  expect(twice.html).toContain('value="https://cases.example/hook"');
  expect(twice.html).toMatch(/name="cause-ban"[^>]* checked/);

  expect((await visitor.get('/webhooks')).html).toContain('Banned, Signed out');
  expect((await visitor.get('/webhooks/cases')).html).not.toContain('whsec');
  await visitor.get('/webhooks/cases/remove');
  expect((await visitor.submit('/webhooks/cases/remove', {})).location).toBe('/webhooks?done=webhook-removed');
  expect(site.provider.webhooks).toEqual([]);
});

test('what the provider does not accept is said at the field it is about, in the language of the console', async () => {
  const german = site.visitor({ ...ada, locale: 'de' });
  await german.get('/webhooks/new');
  site.provider.refuse = ({ method }) =>
    method === 'POST' ? new AppError('invalid', 'invalid_request', 'body.url: must be https') : undefined;
  const { status, html } = await german.submit('/webhooks/new', { name: 'cases', url: 'http://cases.example' });
  expect(status).toBe(422);
  expect(html).toMatch(/id="url-error">.*Eine Adresse, die mit https:\/\/ beginnt/s);
  expect(html).not.toContain('must be');
});
