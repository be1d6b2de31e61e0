import type { Pool } from 'pg';
import type { Post, Thread } from '@portcullis/contracts';

export type Page = { before?: number | undefined; limit: number };

const EXCERPT = 160;

export type Listings = ReturnType<typeof createListings>;

/** What the forum tells other applications: one person's rows, or everyone's when `sub` is null. Newest first. */
export function createListings({ pool }: { pool: Pool }) {
  return { threads, posts };

  async function threads(sub: string | null, { before, limit }: Page): Promise<Thread[]> {
    const { rows } = await pool.query<Omit<Thread, 'startedAt'> & { started_at: Date }>({
      name: 'listed-threads',
      text: `
        select t.id, t.category, t.title, t.author_sub as sub, t.author_name as author, t.started_at,
          (select count(*)::int from post r where r.thread_id = t.id) as posts, p.hidden_at is not null as hidden
        from thread t join post p on p.thread_id = t.id and p.opening
        where ($1::text is null or t.author_sub = $1) and ($2::int is null or t.id < $2)
        order by t.id desc limit $3`,
      values: [sub, before ?? null, limit],
    });
    return rows.map(({ started_at, ...thread }) => ({ ...thread, startedAt: started_at.toISOString() }));
  }

  async function posts(sub: string | null, { before, limit }: Page): Promise<Post[]> {
    const { rows } = await pool.query<Omit<Post, 'postedAt'> & { posted_at: Date }>({
      name: 'listed-posts',
      text: `
        select p.id, json_build_object('id', t.id, 'title', t.title) as thread, p.author_sub as sub, p.author_name as author,
          p.posted_at, p.hidden_at is not null as hidden, case when p.hidden_at is not null then null
            when length(p.body) > ${EXCERPT} then left(p.body, ${EXCERPT - 1}) || '…'
            else p.body end as excerpt
        from post p join thread t on t.id = p.thread_id
        where ($1::text is null or p.author_sub = $1) and ($2::int is null or p.id < $2)
        order by p.id desc limit $3`,
      values: [sub, before ?? null, limit],
    });
    return rows.map(({ posted_at, ...post }) => ({ ...post, postedAt: posted_at.toISOString() }));
  }
}
