import { expect, test } from 'vitest';
import { ListingQuery, PostsAnswer } from './index.ts';

test("a listing is the caller's own, a hundred rows, unless the query says otherwise", () => {
  expect(ListingQuery.parse({})).toEqual({ limit: 100 });
  expect(ListingQuery.parse({ all: '1', before: '42', limit: '7' })).toEqual({ all: '1', before: 42, limit: 7 });
});

test.each([
  [{ all: 'true' }],
  [{ all: ['1', '1'] }],
  [{ before: '-1' }],
  [{ before: '1e99' }],
  [{ before: '2147483648' }],
  [{ limit: '501' }],
  [{ limit: '1; drop table post' }],
  [{ sub: 'somebody-else' }],
])('R-64: a listing query is a closed schema: %j is refused', (query) => {
  expect(ListingQuery.safeParse(query).success).toBe(false);
});

test('an answer may grow new fields without breaking the application that reads it', () => {
  const post = {
    id: 1,
    thread: { id: 1, title: 'Hello', colour: 'blue' },
    sub: 's',
    author: 'A',
    postedAt: '2026-11-21T10:00:00.000Z',
    hidden: false,
    excerpt: 'x',
    likes: 3,
  };
  expect(PostsAnswer.parse({ posts: [post], next: null, total: 1 }).posts[0]?.author).toBe('A');
});
