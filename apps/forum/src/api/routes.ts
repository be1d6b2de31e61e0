import Router from '@koa/router';
import type { Context } from 'koa';
import { ANALYST, FAMILY_SCOPE, ListingQuery, type PostsAnswer, type ThreadsAnswer } from '@portcullis/contracts';
import { AppError, readQuery } from '@portcullis/http';
import { type AccessToken, createGuard, type Verifier } from '@portcullis/resource-server';
import type { Listings, Page } from './listings.ts';

type Deps = { listings: Listings; verifier: Pick<Verifier, 'verify'> };

/** The forum as a resource server: any application of the family may ask, with the token of the person it asks for. */
export function forumApi({ listings, verifier }: Deps): Router {
  const router = new Router();
  const family = createGuard(verifier).koa({ scopes: [FAMILY_SCOPE] });

  router.get('/api/threads', family, async (ctx) => {
    const { sub, page } = listingOf(ctx);
    const threads = await listings.threads(sub, page);
    ctx.body = { threads, next: nextOf(threads, page) } satisfies ThreadsAnswer;
  });

  router.get('/api/posts', family, async (ctx) => {
    const { sub, page } = listingOf(ctx);
    const posts = await listings.posts(sub, page);
    ctx.body = { posts, next: nextOf(posts, page) } satisfies PostsAnswer;
  });

  return router;
}

/** Whose rows the caller may have and asked for: their own, or everyone's (null). */
function listingOf(ctx: Context): { sub: string | null; page: Page } {
  const token = ctx.state['token'] as AccessToken;
  const query = ListingQuery.safeParse(readQuery(ctx));
  if (!query.success) throw new AppError('invalid', 'invalid_query', 'This query is not understood.');
  const { all, ...page } = query.data;
  if (all && !token.roles.includes(ANALYST)) {
    throw new AppError('forbidden', 'role_required', `Everyone's posts are for the role ${ANALYST}.`);
  }
  return { sub: all ? null : token.sub, page };
}

function nextOf(rows: { id: number }[], page: Page): number | null {
  return rows.length === page.limit ? (rows.at(-1)?.id ?? null) : null;
}
