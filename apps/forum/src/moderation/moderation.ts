import type { Pool } from 'pg';

export type Moderation = ReturnType<typeof createModeration>;

/** Hiding and bringing back posts. Whoever calls has checked the role. Both answer where the post stands, or undefined when there is none. */
export function createModeration({ pool }: { pool: Pool }) {
  return { hide, unhide };

  /** Hiding what is hidden changes nothing: the first moderator's name stays. */
  function hide(post: number, moderator: { name: string }): Promise<{ thread: number } | undefined> {
    return change(
      `update post set hidden_at = coalesce(hidden_at, now()), hidden_by_name = coalesce(hidden_by_name, $2)
       where id = $1 returning thread_id as thread`,
      [post, moderator.name],
    );
  }

  function unhide(post: number): Promise<{ thread: number } | undefined> {
    const text = 'update post set hidden_at = null, hidden_by_name = null where id = $1 returning thread_id as thread';
    return change(text, [post]);
  }

  async function change(text: string, values: unknown[]): Promise<{ thread: number } | undefined> {
    return (await pool.query<{ thread: number }>(text, values)).rows[0];
  }
}
