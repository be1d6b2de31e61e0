import type { Pool } from 'pg';
import type { Author, Viewer } from './viewer.ts';

export const PAGE_SIZE = 20;
/** More than a person writes, less than a script would. */
export const POSTS_A_MINUTE = 10;

export type ThreadSummary = {
  id: number;
  title: string;
  author: string;
  replies: number;
  lastPostAt: Date;
  hidden: boolean;
};
export type Post = {
  id: number;
  sub: string;
  author: string;
  body: string | null; // null: hidden, and not for this viewer
  postedAt: Date;
  opening: boolean;
  hidden: boolean;
  hiddenBy: string | null;
};
export type Thread = {
  id: number;
  category: string;
  title: string;
  author: string;
  hidden: boolean;
  posts: Post[];
  pages: number;
};

export type NewThread = { category: string; title: string; body: string; requestId: string };
export type Started = { ok: true; thread: number } | { ok: false; reason: 'too_fast' };
export type NewReply = { thread: number; body: string; requestId: string };
export type Replied = { ok: true; post: number; page: number } | { ok: false; reason: 'too_fast' | 'thread_missing' };

/** `$sub` sees the post `p`: it is not hidden, or the viewer moderates, or wrote it. */
const VISIBLE = '(p.hidden_at is null or $2 or p.author_sub = $3)';

export type Threads = ReturnType<typeof createThreads>;

/** Reading and writing threads. What a viewer may not see is left out here, not in the pages. */
export function createThreads({ pool }: { pool: Pool }) {
  return { inCategory, read, start, reply, pageOf };

  /** One page of a category, the thread with the newest post first. */
  async function inCategory(slug: string, viewer: Viewer, page: number) {
    const { rows } = await pool.query<ThreadSummary & { total: number }>({
      name: 'threads-in-category',
      text: `
        select t.id, t.title, t.author_name as author, t.last_post_at as "lastPostAt", p.hidden_at is not null as hidden,
          (select count(*)::int - 1 from post r where r.thread_id = t.id) as replies,
          count(*) over ()::int as total
        from thread t join post p on p.thread_id = t.id and p.opening
        where t.category = $1 and ${VISIBLE}
        order by t.last_post_at desc, t.id desc limit ${PAGE_SIZE} offset $4`,
      values: [slug, viewer.moderates, viewer.sub, (page - 1) * PAGE_SIZE],
    });
    return { threads: rows, pages: pagesOf(rows[0]?.total ?? 0) };
  }

  /** A thread with one page of its posts, oldest first; undefined when there is none or its opening post is not for this viewer. */
  async function read(id: number, viewer: Viewer, page: number): Promise<Thread | undefined> {
    const { rows: found } = await pool.query<Omit<Thread, 'posts' | 'pages'> & { total: number }>({
      name: 'thread',
      text: `
        select t.id, t.category, t.title, t.author_name as author, p.hidden_at is not null as hidden,
          (select count(*)::int from post r where r.thread_id = t.id) as total
        from thread t join post p on p.thread_id = t.id and p.opening
        where t.id = $1 and ${VISIBLE}`,
      values: [id, viewer.moderates, viewer.sub],
    });
    const [thread] = found;
    if (!thread) return undefined;
    const { rows: posts } = await pool.query<Post>({
      name: 'posts-of-thread',
      text: `
        select p.id, p.author_sub as sub, p.author_name as author, p.posted_at as "postedAt", p.opening,
          p.hidden_at is not null as hidden, p.hidden_by_name as "hiddenBy",
          case when ${VISIBLE} then p.body end as body
        from post p where p.thread_id = $1 order by p.id limit ${PAGE_SIZE} offset $4`,
      values: [id, viewer.moderates, viewer.sub, (page - 1) * PAGE_SIZE],
    });
    const { total, ...rest } = thread;
    return { ...rest, posts, pages: pagesOf(total) };
  }

  /** The same `requestId` of the same author is the same thread, however often it is sent. The category must exist. */
  async function start(author: Author, { category, title, body, requestId }: NewThread): Promise<Started> {
    const before = await find('select id from thread where author_sub = $1 and request_id = $2', [
      author.sub,
      requestId,
    ]);
    if (before) return { ok: true, thread: before.id };
    if (await isTooFast(author)) return { ok: false, reason: 'too_fast' };
    const started = await find(
      `with opened as (
         insert into thread (category, title, author_sub, author_name, request_id) values ($3, $4, $1, $5, $2)
         on conflict (author_sub, request_id) do nothing
         returning id
       ), first as (
         insert into post (thread_id, opening, body, author_sub, author_name, request_id)
         select id, true, $6, $1, $5, $2 from opened
       )
       select id from opened`,
      [author.sub, requestId, category, title, author.name, body],
    );
    if (started) return { ok: true, thread: started.id };
    return start(author, { category, title, body, requestId }); // the same form, sent twice at once: the other one has it
  }

  async function reply(author: Author, { thread, body, requestId }: NewReply): Promise<Replied> {
    const before = await find('select id from post where author_sub = $1 and request_id = $2', [author.sub, requestId]);
    if (before) return { ok: true, post: before.id, page: await pageOf(thread, before.id) };
    if (await isTooFast(author)) return { ok: false, reason: 'too_fast' };
    const posted = await find(
      `with opening as (
         select thread_id from post where thread_id = $3 and opening and hidden_at is null
       ), written as (
         insert into post (thread_id, body, author_sub, author_name, request_id)
         select thread_id, $5, $1, $4, $2 from opening
         on conflict (author_sub, request_id) do nothing
         returning id, thread_id
       ), touched as (
         update thread set last_post_at = now() from written where thread.id = written.thread_id
       )
       select id from written`,
      [author.sub, requestId, thread, author.name, body],
    );
    if (posted) return { ok: true, post: posted.id, page: await pageOf(thread, posted.id) };
    const twin = await find('select id from post where author_sub = $1 and request_id = $2', [author.sub, requestId]);
    if (twin) return { ok: true, post: twin.id, page: await pageOf(thread, twin.id) };
    return { ok: false, reason: 'thread_missing' };
  }

  async function isTooFast(author: Author): Promise<boolean> {
    const text = `select count(*)::int as posts from post where author_sub = $1 and posted_at > now() - interval '1 minute'`;
    const { rows } = await pool.query<{ posts: number }>({ name: 'posts-this-minute', text, values: [author.sub] });
    return (rows[0]?.posts ?? 0) >= POSTS_A_MINUTE;
  }

  /** The page of its thread on which a post stands. */
  async function pageOf(thread: number, post: number): Promise<number> {
    const text = 'select count(*)::int as position from post where thread_id = $1 and id <= $2';
    const { rows } = await pool.query<{ position: number }>({ name: 'position-of-post', text, values: [thread, post] });
    return pagesOf(rows[0]?.position ?? 1);
  }

  async function find(text: string, values: unknown[]): Promise<{ id: number } | undefined> {
    return (await pool.query<{ id: number }>(text, values)).rows[0];
  }
}

function pagesOf(rows: number): number {
  return Math.max(1, Math.ceil(rows / PAGE_SIZE));
}
