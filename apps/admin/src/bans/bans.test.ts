import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '@portcullis/http';
import type { Visitor } from '@portcullis/testing';
import { ada, ids, type SiteUnderTest, startSite } from '#site-under-test.ts';
import { wordsIn } from '#i18n/messages.ts';
import { parseBan } from './form.ts';
import { impactOf } from './impact.ts';
import { receiptsView } from './receipts.ts';

const en = wordsIn('en');

let site: SiteUnderTest;
let visitor: Visitor;
beforeEach(async () => {
  site = await startSite();
  visitor = site.visitor(ada);
});
afterEach(() => site[Symbol.asyncDispose]());

const path = `/accounts/${ids.alice}/ban`;
const requests = (method: string) => site.provider.asked.filter(({ what }) => what.startsWith(method));
const bodies = (what: string) => site.provider.asked.filter((each) => each.what === what).map(({ body }) => body);

test('a ban is filled in, looked over with a preview of its own scope, confirmed, and leads to its receipts', async () => {
  const form = await visitor.get(path);
  expect(form.html).toContain('One session will end. Shop, Forum and Dashboard lose their access.');
  const typed = { reason: ' Spam ', message: 'Write to us.', duration: 'none', scope: 'named', 'client-forum': 'yes' };
  const review = await visitor.submit(path, typed);
  expect(review.html).toContain('One session will end. Forum loses its access.');
  expect(review.html).toContain('Only Forum');
  expect(review.html).toContain('Ban Alice Wicket now');
  expect(bodies(`POST /accounts/${ids.alice}/bans/preview`)).toEqual([{}, { clientIds: ['forum'] }]);
  expect(bodies(`POST /accounts/${ids.alice}/bans`)).toEqual([]);

  const done = await visitor.submit(path, { ...typed, step: 'confirm' });
  expect(done.status).toBe(303);
  expect(bodies(`POST /accounts/${ids.alice}/bans`)).toEqual([
    { reason: 'Spam', message: 'Write to us.', clientIds: ['forum'] },
  ]);
  const receipts = await visitor.get(done.location ?? '');
  expect(receipts.html).toContain('In force at 2 of 2 instances after 23 ms.');
  expect(receipts.html).toContain('enforced after 18 ms');
});

test('applications of one name are told apart by their ids', async () => {
  site.provider.clients.push({ id: 'forum-of-others', name: 'Forum', disabledAt: null });
  const { html } = await visitor.get(path);
  expect(html).toContain('Forum (forum-of-others)');
  expect(html).toContain('Forum (forum)');
  expect(html).not.toContain('Shop (shop)');
  const review = await visitor.submit(path, { reason: 'Spam', scope: 'named', 'client-forum': 'yes' });
  expect(review.html).toContain('Only Forum (forum)');
});

test.each([
  [{ sessions: 0, applications: [], devices: 0 }, 'Nobody is signed in right now: nothing will end.'],
  [{ sessions: 0, applications: ['Shop'], devices: 0 }, 'Nobody is signed in right now. Shop loses its access.'],
  [{ sessions: 1, applications: [], devices: 1 }, 'One session will end.'],
  [{ sessions: 3, applications: [], devices: 1 }, '3 sessions on one device will end.'],
  [
    { sessions: 3, applications: ['Forum', 'Shop'], devices: 2 },
    '3 sessions on 2 devices will end. Forum and Shop lose their access.',
  ],
])('what a ban ends, in plain words: %j', (preview, words) => {
  expect(impactOf(en, preview).sentence).toBe(words);
});

test('"Change something" leads back to the form with everything in it', async () => {
  await visitor.get(path);
  const fields = { reason: 'Spam', message: '', duration: '7d', scope: 'named', 'client-shop': 'yes', step: 'change' };
  const { html } = await visitor.submit(path, fields);
  expect(html).toContain('>Spam</textarea>');
  expect(html).toMatch(/value="7d" checked/);
  expect(html).toMatch(/name="client-shop"[^>]* checked/);
});

test.each([
  [{ reason: ' ' }, 'Say why'],
  [{ reason: 'x'.repeat(1001) }, 'At most 1000'],
  [{ reason: 'x', duration: 'own', until: '' }, 'Give the day and the time'],
  [{ reason: 'x', duration: 'own', until: '2020-01-01T00:00' }, 'This moment has passed'],
  [{ reason: 'x', scope: 'named' }, 'Name at least one application'],
])('what is to be put right is said at its field, also to who confirms at once: %j', async (fields, words) => {
  await visitor.get(path);
  for (const step of ['', 'confirm']) {
    const { status, html } = await visitor.submit(path, { ...fields, step });
    expect(status).toBe(422);
    expect(html).toContain(words);
  }
  expect(bodies(`POST /accounts/${ids.alice}/bans`)).toEqual([]);
});

test('a refusal of the provider is said at the form, with what was typed', async () => {
  await visitor.get(path);
  site.provider.refuse = (ctx) =>
    ctx.method === 'POST' && ctx.path.endsWith('/bans')
      ? new AppError('conflict', 'cannot_ban_self', 'Nobody can ban themselves.')
      : undefined;
  const { status, html } = await visitor.submit(path, { reason: 'Spam', duration: '1d', step: 'confirm' });
  expect(status).toBe(409);
  expect(html).toContain('Nobody can ban themselves.');
  expect(html).toContain('>Spam</textarea>');
  expect(html).toMatch(/value="1d" checked/);
});

test('RFC 9470: a fresh sign-in comes back to the very ban that was about to be confirmed', async () => {
  await visitor.get(path);
  site.provider.refuse = (ctx) => (ctx.method === 'POST' && ctx.path.endsWith('/bans') ? 'step up' : undefined);
  const reason = 'Опасно '.repeat(100);
  const sent = await visitor.submit(path, { reason, duration: '30d', scope: 'everywhere', step: 'confirm' });
  expect(sent.location).toBe(`/sign-in?max_age=600&return_to=${encodeURIComponent(path)}`);
  site.provider.refuse = undefined;
  const other = await visitor.get(`/accounts/${ids.bob}`);
  expect(other.html).not.toContain('Опасно');
  const back = await visitor.get(path);
  expect(back.html).toContain('Nothing has been done yet');
  expect(back.html).toContain('Ban Alice Wicket now');
  expect(back.html).toContain(reason.trim());
  expect(requests('POST').filter(({ what }) => what.endsWith('/bans'))).toHaveLength(1);
});

test('several accounts are picked from the list, previewed together, and each one’s outcome is told', async () => {
  const picks = await visitor.get(`/accounts/picked?pick-${ids.alice}=on&pick-${ids.ada}=on&pick-nonsense=on`);
  expect(picks.location).toMatch(/^\/bans\/new\?accounts=[\w.-]{45}$/);
  const form = await visitor.get(picks.location ?? '');
  expect(form.html).toContain('Ban 2 accounts');
  expect(form.html).toContain('alice@example.com');
  const done = await visitor.submit(picks.location ?? '', { reason: 'Raid', duration: '1h', step: 'confirm' });
  expect(bodies('POST /bans/bulk')).toMatchObject([{ accountIds: [ids.alice, ids.ada], reason: 'Raid' }]);
  const { html } = await visitor.get(done.location ?? '');
  expect(html).toContain('1 account banned');
  expect(html).toMatch(/Ada Portcullis &lt;admin@example.com&gt;<\/a>: the last administrator/);
  expect(html).toContain('In force at 2 of 2 instances');
  expect((await visitor.get('/accounts/picked')).location).toBe('/accounts?none=1');
});

test('lifting asks, lifts, and says what stays dead', async () => {
  await visitor.get(path);
  await visitor.submit(path, { reason: 'Spam', step: 'confirm' });
  expect((await visitor.get(`/accounts/${ids.alice}`)).html).toContain('Lift the ban');
  await visitor.get(`/accounts/${ids.alice}/lift`);
  const done = await visitor.submit(`/accounts/${ids.alice}/lift`, {});
  const { html } = await visitor.get(done.location ?? '');
  expect(html).toContain('what was issued before stays dead');
  expect(html).not.toContain('Lift the ban');
});

test('the live part is a page part of its own, asked for until it is complete', async () => {
  await visitor.get(path);
  const { location } = await visitor.submit(path, { reason: 'Spam', step: 'confirm' });
  site.provider.receipts.complete = false;
  const live = `data-live="${location}/receipts"`;
  const whole = (await visitor.get(location ?? '')).html;
  expect(whole).toContain(live);
  expect(whole).toContain('Look again');
  const part = (await visitor.get(`${location}/receipts`)).html;
  expect(part).toContain(live);
  expect(part).not.toContain('<html');
  expect(part).not.toContain('data-complete');
  site.provider.receipts.complete = true;
  expect((await visitor.get(`${location}/receipts`)).html).toContain('data-complete');
});

const enforced = { app: 'shop', instance: 'shop-1', state: 'enforced', afterMs: 18, lastSeenMs: 5 } as const;
const waiting = { app: 'forum', instance: 'forum-1', state: 'waiting', afterMs: null, lastSeenMs: 5 } as const;
const silent = { app: 'dashboard', instance: 'd-1', state: 'not_seen', afterMs: null, lastSeenMs: 40_200 } as const;
const publishedAt = '2026-11-22T01:00:00.000Z';

test.each([
  [{ publishedAt, mirrors: [enforced] }, 'In force at 1 of 1 instance after 18 ms.', 'success'],
  [{ publishedAt, mirrors: [enforced, waiting] }, 'In force at 1 of 2 instances; the others are being told.', 'info'],
  [{ publishedAt, mirrors: [enforced, silent] }, 'In force at 1 of 2 instances; 1 cannot be heard.', 'warning'],
  [{ publishedAt, mirrors: [] }, 'No application instance follows the denylist.', 'warning'],
  [{ publishedAt, mirrors: null }, 'cannot be read at the moment', 'warning'],
  [{ publishedAt: null, mirrors: [] }, 'Recorded for good, not yet everywhere', 'warning'],
])('receipts in one line: %#', (over, headline, tone) => {
  const view = receiptsView(
    en,
    { deliveries: [], complete: false, ...over, mirrors: over.mirrors && [...over.mirrors] },
    '/',
  );
  expect(view.headline).toContain(headline);
  expect(view.tone).toBe(tone);
});

test('a lane tells what its instance did, a message what became of it', () => {
  const delivery = { id: '1', recipient: 'shop', attempts: 3, deliveredAt: null, nextAttemptAt: null } as const;
  const view = receiptsView(
    en,
    {
      publishedAt,
      complete: false,
      mirrors: [enforced, waiting, silent],
      deliveries: [
        { ...delivery, channel: 'backchannel_logout', state: 'retrying', lastError: 'refused' },
        { ...delivery, channel: 'webhook', state: 'given_up', lastError: null },
      ],
    },
    '/',
  );
  expect(view.lanes.map(({ words }) => words)).toEqual(['not seen for 40 s', 'being told', 'enforced after 18 ms']);
  expect(view.deliveries.map(({ words, tone }) => [words, tone])).toEqual([
    ['retrying: 3 attempts so far', 'warning'],
    ['given up after 3 attempts', 'danger'],
  ]);
});

test.each([
  ['1h', '2026-11-22T13:00:00.000Z'],
  ['1d', '2026-11-23T12:00:00.000Z'],
  ['7d', '2026-11-29T12:00:00.000Z'],
  ['30d', '2026-12-22T12:00:00.000Z'],
  ['none', undefined],
  ['own', '2027-01-01T08:30:00.000Z'],
])('a ban for %s ends then, counted from its confirmation', (duration, until) => {
  const now = Date.parse('2026-11-22T12:00:00.000Z');
  const parsed = parseBan(en, { reason: 'x', duration, until: '2027-01-01T08:30' }, now);
  expect(parsed).toEqual({ ok: true, ban: { reason: 'x', ...(until && { until }) } });
});
