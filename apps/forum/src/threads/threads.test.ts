import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase, unique } from '@portcullis/testing';
import { type Categories, createCategories } from '#categories/categories.ts';
import { openDatabase } from '#database/pool.ts';
import { createModeration, type Moderation } from '#moderation/moderation.ts';
import { createThreads, POSTS_A_MINUTE, type Threads } from './threads.ts';
import type { Author } from './viewer.ts';

let database: FreshDatabase;
let pool: Pool;
let threads: Threads;
let moderation: Moderation;
let categories: Categories;

beforeAll(async () => {
  database = await freshDatabase();
  pool = await openDatabase(database.url);
  threads = createThreads({ pool });
  moderation = createModeration({ pool });
  categories = createCategories({ pool });
});
afterAll(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

const visitor = { sub: null, moderates: false };
const moderator = { sub: 'mara', moderates: true };

function someone(): Author {
  return { sub: unique('sub'), name: 'Ada' };
}
async function started(author: Author, title = 'A question'): Promise<number> {
  const result = await threads.start(author, { category: 'workshop', title, body: 'How?', requestId: randomUUID() });
  if (!result.ok) throw new Error(result.reason);
  return result.thread;
}
async function replied(author: Author, thread: number, body = 'Like this.'): Promise<number> {
  const result = await threads.reply(author, { thread, body, requestId: randomUUID() });
  if (!result.ok) throw new Error(result.reason);
  return result.post;
}

test('a new forum opens with welcome threads, and opening it again adds none', async () => {
  const again = await openDatabase(database.url);
  await again.end();
  const page = await threads.inCategory('gatehouse', visitor, 1);
  expect(page.threads.map((thread) => [thread.title, thread.author, thread.replies])).toEqual([
    ['How moderation works here', 'Portcullis team', 0],
    ['Welcome in', 'Portcullis team', 1],
  ]);
});

test('a thread and its replies are read in the order they were written', async () => {
  const [ada, ben] = [someone(), { ...someone(), name: 'Ben' }];
  const id = await started(ada);
  await replied(ben, id);

  const thread = await threads.read(id, visitor, 1);

  expect(thread).toMatchObject({ id, category: 'workshop', title: 'A question', author: 'Ada', pages: 1 });
  expect(thread?.posts.map((post) => [post.author, post.body, post.opening])).toEqual([
    ['Ada', 'How?', true],
    ['Ben', 'Like this.', false],
  ]);
});

test('a reply lifts its thread to the top of the category', async () => {
  const [first, second] = [await started(someone()), await started(someone())];
  expect((await threads.inCategory('workshop', visitor, 1)).threads[0]?.id).toBe(second);
  await replied(someone(), first);
  expect((await threads.inCategory('workshop', visitor, 1)).threads[0]?.id).toBe(first);
  expect((await categories.list()).find((category) => category.slug === 'workshop')?.latest?.id).toBe(first);
});

test('a form sent five times at once is one thread, or one reply', async () => {
  const [ada, requestId] = [someone(), randomUUID()];
  const form = { category: 'courtyard', title: 'Once', body: 'Only once', requestId };
  const starts = await Promise.all(Array.from({ length: 5 }, () => threads.start(ada, form)));
  expect(new Set(starts.map((result) => result.ok && result.thread)).size).toBe(1);

  const thread = await started(someone());
  const answer = { thread, body: 'Once', requestId: randomUUID() };
  const replies = await Promise.all(Array.from({ length: 5 }, () => threads.reply(ada, answer)));
  expect(new Set(replies.map((result) => result.ok && result.post)).size).toBe(1);
  expect((await threads.read(thread, visitor, 1))?.posts.length).toBe(2);
});

test('a hidden reply keeps its place; its text is left to its author and the moderators', async () => {
  const [ada, ben] = [someone(), someone()];
  const id = await started(ada);
  const post = await replied(ben, id, 'Something rude');

  expect(await moderation.hide(post, { name: 'Mara' })).toEqual({ thread: id });

  const seenBy = async (viewer: typeof visitor | typeof moderator | { sub: string; moderates: false }) =>
    (await threads.read(id, viewer, 1))?.posts[1];
  expect(await seenBy(visitor)).toMatchObject({ hidden: true, hiddenBy: 'Mara', body: null });
  expect((await seenBy({ sub: ada.sub, moderates: false }))?.body).toBeNull();
  expect((await seenBy({ sub: ben.sub, moderates: false }))?.body).toBe('Something rude');
  expect((await seenBy(moderator))?.body).toBe('Something rude');

  await moderation.unhide(post);
  expect(await seenBy(visitor)).toMatchObject({ hidden: false, hiddenBy: null, body: 'Something rude' });
});

test('hiding the opening post hides the thread: from lists, from readers, from replies', async () => {
  const ada = someone();
  const id = await started(ada, 'Buy my things');
  const opening = (await threads.read(id, visitor, 1))?.posts[0]?.id ?? 0;
  await moderation.hide(opening, { name: 'Mara' });
  await moderation.hide(opening, { name: 'Somebody later' });

  const listedFor = async (viewer: typeof visitor) =>
    (await threads.inCategory('workshop', viewer, 1)).threads.some((thread) => thread.id === id);
  expect(await threads.read(id, visitor, 1)).toBeUndefined();
  expect(await listedFor(visitor)).toBe(false);
  expect((await threads.read(id, moderator, 1))?.posts[0]?.hiddenBy).toBe('Mara');
  expect((await threads.inCategory('workshop', moderator, 1)).threads.find((thread) => thread.id === id)?.hidden).toBe(
    true,
  );
  expect((await threads.read(id, { sub: ada.sub, moderates: false }, 1))?.posts[0]?.body).toBe('How?');
  const reply = { thread: id, body: 'Me too', requestId: randomUUID() };
  expect(await threads.reply(someone(), reply)).toEqual({ ok: false, reason: 'thread_missing' });
  expect((await categories.list()).some((category) => category.latest?.id === id)).toBe(false);
});

test('a thread longer than a page continues on the next, and a reply says where it landed', async () => {
  const id = await started(someone());
  for (let i = 0; i < 20; i++) await replied(someone(), id, `Reply ${i + 1}`);
  const last = await threads.reply(someone(), { thread: id, body: 'The last one', requestId: randomUUID() });

  const second = await threads.read(id, visitor, 2);

  expect(last).toMatchObject({ ok: true, page: 2 });
  expect(second?.pages).toBe(2);
  expect(second?.posts.map((post) => post.body)).toEqual(['Reply 20', 'The last one']);
});

test('nobody writes more than ten posts a minute', async () => {
  const ada = someone();
  const id = await started(ada);
  for (let i = 1; i < POSTS_A_MINUTE; i++) await replied(ada, id);

  const refused = { ok: false, reason: 'too_fast' };
  expect(await threads.reply(ada, { thread: id, body: 'One more', requestId: randomUUID() })).toEqual(refused);
  const form = { category: 'workshop', title: 'One more', body: 'x', requestId: randomUUID() };
  expect(await threads.start(ada, form)).toEqual(refused);
  await replied(someone(), id);
});

test.each([0, 999_999])('there is no thread and no post %i', async (id) => {
  expect(await threads.read(id, moderator, 1)).toBeUndefined();
  expect(await moderation.hide(id, { name: 'Mara' })).toBeUndefined();
  const reply = { thread: id, body: 'Hello?', requestId: randomUUID() };
  expect(await threads.reply(someone(), reply)).toEqual({ ok: false, reason: 'thread_missing' });
});
