import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostsAnswer, ThreadsAnswer } from '@portcullis/contracts';
import { type TestPerson as Person, unique, type Visitor } from '@portcullis/testing';
import { type SiteUnderTest, startSite } from './site-under-test.ts';

let site: SiteUnderTest;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site[Symbol.asyncDispose]());

const XSS = `"><img src=x onerror=alert(1)><script>alert(2)</script>{{chrome}}&'`;

function someone(more: Partial<Person> = {}): Person {
  return { sub: unique('sub'), name: 'Ada', ...more };
}
function moderator(): Person {
  return someone({ name: 'Mara', roles: ['moderator', 'analyst'] });
}

/** Starts a thread by its form and answers the path of its page. */
async function start(visitor: Visitor, title = 'A question', body = 'How is it done?'): Promise<string> {
  await visitor.get('/categories/workshop/new');
  const started = await visitor.submit('/categories/workshop/new', { title, body, request_id: randomUUID() });
  return started.location ?? `refused with ${started.status}`;
}
async function reply(visitor: Visitor, thread: string, body: string) {
  await visitor.get(thread);
  return visitor.submit(`${thread}/replies`, { body, request_id: randomUUID() });
}
/** The moderation forms on a page: what each would do. */
function actionsOn(html: string): string[] {
  return [...html.matchAll(/action="(\/posts\/\d+\/(?:un)?hide)"/g)].map((match) => match[1] ?? '');
}

test('everybody reads the welcome threads; writing asks for a sign-in', async () => {
  const visitor = site.visitor();
  expect((await visitor.get('/')).html).toContain('The Gatehouse');
  expect((await visitor.get('/categories/gatehouse')).html).toContain('How moderation works here');
  const { html } = await visitor.get('/threads/1');
  expect(html).toContain('You came through the gate');
  expect(html).toContain('href="/sign-in?return_to&#x3D;%2Fthreads%2F1"');
  expect((await visitor.get('/categories/gatehouse/new')).location).toBe('/sign-in');
});

test('a thread is started and answered by forms; the reply is where its address says', async () => {
  const thread = await start(site.visitor(someone()));
  const replied = await reply(site.visitor(someone({ name: 'Ben' })), thread, 'Like this.\r\n\r\nAnd so on.');
  expect(replied.status).toBe(303);
  const [path = '', anchor = ''] = (replied.location ?? '').split('#');
  expect(path).toBe(`${thread}?page=1`);
  const { html } = await site.visitor().get(path);
  expect(html).toContain(`id="${anchor}"`);
  expect(html).toContain('Like this.\n\nAnd so on.');
});

test.each([
  ['an empty text', { body: ' \r\n ' }, 'Write something first.'],
  ['too much text', { body: 'x'.repeat(5001) }, 'At most 5,000 characters'],
  ['a control character', { body: 'bell \u0007' }, 'there is a control character in it'],
  ['a short title', { title: 'ab' }, 'at least three characters'],
  ['a title of two lines', { title: 'one\ntwo' }, 'One line of plain text'],
  ['no form number', { request_id: 'x' }, 'not as we sent it'],
  ['a field of its own', { hidden: 'false' }, 'not as we sent it'],
])('a thread with %s is refused with its reason, and the form keeps what was typed', async (_, more, reason) => {
  const visitor = site.visitor(someone());
  await visitor.get('/categories/workshop/new');
  const form = { title: 'The title I typed', body: 'The text I typed', request_id: randomUUID(), ...more };
  const refused = await visitor.submit('/categories/workshop/new', form);
  expect(refused.status).toBe(422);
  expect(refused.html).toContain(reason);
  expect(refused.html).toContain('title' in more ? 'The text I typed' : 'The title I typed');
});

test('a refused reply is kept below the thread', async () => {
  const visitor = site.visitor(someone());
  const thread = await start(visitor);
  const refused = await reply(visitor, thread, `kept\nas typed${' '.repeat(5000)}x`);
  expect(refused.status).toBe(422);
  expect(refused.html).toContain('How is it done?');
  expect(refused.html).toContain('At most 5,000 characters');
  expect(refused.html).toContain('>kept\nas typed   ');
});

test('the eleventh post of a minute is asked to wait, with its text still in the form', async () => {
  const visitor = site.visitor(someone());
  const thread = await start(visitor);
  for (let i = 0; i < 9; i++) await reply(visitor, thread, 'x');
  const refused = await reply(visitor, thread, 'my long thoughts');
  expect(refused.status).toBe(422);
  expect(refused.html).toContain('please wait a moment');
  expect(refused.html).toContain('my long thoughts');
});

test('a moderator hides a post and brings it back; for others the place stays and the text goes', async () => {
  const thread = await start(site.visitor(someone()));
  await reply(site.visitor(someone()), thread, 'Something rude');
  const mara = site.visitor(moderator());
  const hide = actionsOn((await mara.get(thread)).html)[1] ?? '';

  const hidden = await mara.submit(hide, {});

  expect(hidden.location).toMatch(new RegExp(`^${thread}\\?page=1#post-\\d+$`));
  const { html } = await site.visitor(someone()).get(thread);
  expect(html).not.toContain('Something rude');
  expect(html).toContain('hidden by Mara');
  expect((await mara.get(thread)).html).toContain('Something rude');
  await mara.submit(hide.replace('/hide', '/unhide'), {});
  expect((await site.visitor().get(thread)).html).toContain('Something rude');
});

test('a thread whose first post is hidden is gone for readers and takes no replies', async () => {
  const thread = await start(site.visitor(someone()), 'Buy my things');
  const mara = site.visitor(moderator());
  await mara.submit(actionsOn((await mara.get(thread)).html)[0] ?? '', {});
  expect((await site.visitor().get(thread)).status).toBe(404);
  expect((await site.visitor().get('/categories/workshop')).html).not.toContain('Buy my things');
  expect((await mara.get(thread)).html).toContain('only its author and the moderators see it');
  const ben = site.visitor(someone());
  await ben.get('/threads/1');
  expect((await ben.submit(`${thread}/replies`, { body: 'x', request_id: randomUUID() })).status).toBe(404);
});

test('A-22: who is no moderator sees no way to hide a post, and is refused when trying', async () => {
  const thread = await start(site.visitor(someone()));
  const ben = site.visitor(someone({ roles: ['analyst', 'admin'] }));
  expect(actionsOn((await ben.get(thread)).html)).toEqual([]);
  const [hide = ''] = actionsOn((await site.visitor(moderator()).get(thread)).html);
  expect((await ben.submit(hide, {})).status).toBe(403);
  expect((await site.visitor().submit(hide, {})).location).toBe('/sign-in');
  expect((await site.visitor().get(thread)).html).toContain('How is it done?');
});

test.each(['/categories/workshop/new', '/threads/1/replies', '/posts/1/hide', '/posts/1/unhide'])(
  'R-61: POST %s without its token is refused',
  async (path) => {
    const form = { title: 'A title', body: 'A text', request_id: randomUUID() };
    expect((await site.visitor(moderator()).submit(path, form)).status).toBe(403);
  },
);

test.each([
  '/threads/0',
  '/threads/999999',
  '/threads/99999999999',
  '/threads/1;',
  '/categories/none',
  '/categories/%00',
])('there is no page at %s', async (path) => {
  const answer = await site.visitor(moderator()).get(path);
  expect([answer.status, answer.html.includes('</html>')]).toEqual([404, true]);
});

test.each(['0', '-1', '2', 'x', '99999999999999999999'])(
  'page %s of a short thread is an answer, not a failure',
  async (page) => {
    expect((await site.visitor().get(`/threads/1?page=${page}`)).status).toBe(200);
    expect((await site.visitor().get(`/categories/workshop?page=${page}`)).status).toBe(200);
  },
);

test('A-16: names, titles and texts are printed as text, whatever they hold', async () => {
  const eve = site.visitor(someone({ name: XSS }));
  const thread = await start(eve, XSS, XSS);
  await reply(eve, thread, XSS);
  const mara = site.visitor({ ...moderator(), name: XSS });
  await mara.submit(actionsOn((await mara.get(thread)).html)[1] ?? '', {});
  for (const page of [thread, '/categories/workshop', '/']) {
    const { html } = await eve.get(page);
    expect(html).toContain('&lt;script&gt;alert');
    expect(html).not.toMatch(/<img src=x|<script>alert/);
  }
});

test('the API answers the threads and posts of the token person, and to others without the text of hidden posts', async () => {
  const ada = someone();
  const thread = await start(site.visitor(ada), 'Mine', 'a'.repeat(400));
  await reply(site.visitor(ada), thread, 'Hide me');
  await reply(site.visitor(someone()), thread, 'Not mine');
  const mara = site.visitor(moderator());
  await mara.submit(actionsOn((await mara.get(thread)).html)[1] ?? '', {});

  const { threads } = ThreadsAnswer.parse((await site.api('/api/threads', ada)).body);
  const { posts, next } = PostsAnswer.parse((await site.api('/api/posts', ada)).body);

  expect(threads.map(({ title, posts: count, sub }) => [title, count, sub])).toEqual([['Mine', 3, ada.sub]]);
  expect(posts.map(({ excerpt, hidden, sub }) => [excerpt?.length ?? null, hidden, sub])).toEqual([
    [null, true, ada.sub],
    [160, false, ada.sub],
  ]);
  expect(next).toBeNull();
});

test.each(['/api/threads', '/api/posts'])('everyone, at %s, is for analysts', async (path) => {
  await start(site.visitor(someone()));
  expect((await site.api(`${path}?all=1`, someone({ roles: ['moderator'] }))).status).toBe(403);
  const { status, body } = await site.api(`${path}?all=1&limit=1`, someone({ roles: ['analyst'] }));
  expect(status).toBe(200);
  expect(body).toMatchObject({ next: expect.any(Number) });
  expect((await site.api(path)).status).toBe(401);
  expect((await site.api(path, someone({ scope: 'openid' }))).status).toBe(403);
  expect((await site.api(`${path}?mine=0`, someone())).status).toBe(400);
});

test('readiness tells of the database', async () => {
  const { status, body } = await site.api('/health/ready');
  expect(status).toBe(200);
  expect(body).toMatchObject({ checks: { database: 'ok' } });
});

test('the forum speaks the language of the browser, and of a person the one of the account', async () => {
  const stranger = site.visitor(undefined, 'es-MX');
  expect((await stranger.get('/')).html).toMatch(/<html lang="es"[^]*Leer puede cualquiera[^]*>2 temas/);
  expect((await stranger.get('/threads/0')).html).toContain('Ese tema no existe o se ha ocultado.');

  const visitor = site.visitor({ ...moderator(), locale: 'de' }, 'es-MX');
  await visitor.get('/categories/workshop/new');
  const typed = { title: 'ab', body: 'x'.repeat(5001), request_id: randomUUID() };
  const refused = await visitor.submit('/categories/workshop/new', typed);
  for (const text of ['<html lang="de"', 'mindestens drei Zeichen', 'Bitte höchstens 5.000 Zeichen.', 'Thema beginnen'])
    expect(refused.html).toContain(text);
  const thread = await start(visitor);
  await visitor.submit(actionsOn((await visitor.get(thread)).html)[0] ?? '', {});
  expect((await visitor.get(thread)).html).toMatch(/ausgeblendet von Mara[^]*>Wieder zeigen</);
  expect((await visitor.get('/categories/workshop')).html).toContain('0 Antworten');
});
