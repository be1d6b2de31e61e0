import type { z } from 'zod';
import { OrdersAnswer, PostsAnswer, ThreadsAnswer } from '@portcullis/contracts';
import type { Log } from '@portcullis/http';

const PATIENCE_MS = 2_500;
const MOST = 500;

/** What another application answered. `away`: nothing usable came in time. `refused`: it does not accept the token. */
export type Answer<T> = { state: 'here'; data: T } | { state: 'away' } | { state: 'refused' };
export type Sources = ReturnType<typeof createSources>;

/** The APIs of the shop and the forum, asked with the access token the person's session already has. Nothing is kept. */
export function createSources({ family, log }: { family: { shop: string; forum: string }; log: Log }) {
  return { orders, posts, threads };

  function orders(token: string, everyone: boolean): Promise<Answer<OrdersAnswer>> {
    return ask(listing(family.shop, '/api/orders', everyone), token, OrdersAnswer);
  }
  function posts(token: string, everyone: boolean): Promise<Answer<PostsAnswer>> {
    return ask(listing(family.forum, '/api/posts', everyone), token, PostsAnswer);
  }
  function threads(token: string, everyone: boolean): Promise<Answer<ThreadsAnswer>> {
    return ask(listing(family.forum, '/api/threads', everyone), token, ThreadsAnswer);
  }

  async function ask<T>(url: URL, token: string, schema: z.ZodType<T>): Promise<Answer<T>> {
    try {
      const response = await fetch(url, {
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (response.status === 401 || response.status === 403) return { state: 'refused' };
      if (response.status !== 200) throw new Error(`answered ${response.status}`);
      return { state: 'here', data: schema.parse(await response.json()) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ reason, source: url.origin + url.pathname }, 'a source did not answer');
      return { state: 'away' };
    }
  }
}

function listing(base: string, path: string, everyone: boolean): URL {
  const url = new URL(path, base);
  url.searchParams.set('limit', String(MOST));
  if (everyone) url.searchParams.set('all', '1');
  return url;
}
