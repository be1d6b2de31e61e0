import type { Pool } from 'pg';

export type Category = { slug: string; name: string; description: string };
export type CategorySummary = Category & { threads: number; latest: { id: number; title: string; at: Date } | null };

type SummaryRow = Category & { threads: number; latest_id: number | null; latest_title: string; latest_at: Date };

export type Categories = ReturnType<typeof createCategories>;

/** The forum's corners. What is counted and shown as latest is what everybody may see. */
export function createCategories({ pool }: { pool: Pool }) {
  return { list, find };

  async function list(): Promise<CategorySummary[]> {
    const { rows } = await pool.query<SummaryRow>({
      name: 'categories',
      text: `
        with visible as (
          select t.* from thread t join post p on p.thread_id = t.id and p.opening where p.hidden_at is null
        )
        select c.slug, c.name, c.description,
          (select count(*)::int from visible v where v.category = c.slug) as threads,
          l.id as latest_id, l.title as latest_title, l.last_post_at as latest_at
        from category c
        left join lateral (select * from visible v where v.category = c.slug order by v.last_post_at desc limit 1) l on true
        order by c.position`,
    });
    return rows.map(({ slug, name, description, threads, latest_id, latest_title, latest_at }) => {
      const latest = latest_id === null ? null : { id: latest_id, title: latest_title, at: latest_at };
      return { slug, name, description, threads, latest };
    });
  }

  async function find(slug: string): Promise<Category | undefined> {
    const text = 'select slug, name, description from category where slug = $1';
    const { rows } = await pool.query<Category>({ name: 'category', text, values: [slug] });
    return rows[0];
  }
}
