import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { AppError, readForm } from '@portcullis/http';
import { personOf, type RelyingParty } from '@portcullis/relying-party';
import { idIn } from '#pages/ids.ts';
import type { Threads } from '#threads/threads.ts';
import { MODERATOR } from '#threads/viewer.ts';
import { moderationMessages } from './messages.ts';
import type { Moderation } from './moderation.ts';

type Deps = { moderation: Moderation; threads: Pick<Threads, 'pageOf'>; rp: Pick<RelyingParty, 'csrf' | 'required'> };

export function moderationRoutes({ moderation, threads, rp }: Deps): Router {
  const router = new Router();
  const form = [rp.required, moderatorsOnly, readForm, rp.csrf.protect] as const;

  router.post('/posts/:id/hide', ...form, async (ctx) => {
    const post = idOf(ctx);
    await back(ctx, post, await moderation.hide(post, personOf(ctx)));
  });

  router.post('/posts/:id/unhide', ...form, async (ctx) => {
    const post = idOf(ctx);
    await back(ctx, post, await moderation.unhide(post));
  });

  /** To where the post stands in its thread. */
  async function back(ctx: Context, post: number, found: { thread: number } | undefined): Promise<void> {
    if (!found) throw missing();
    ctx.status = 303;
    ctx.redirect(`/threads/${found.thread}?page=${await threads.pageOf(found.thread, post)}#post-${post}`);
  }

  return router;
}

const moderatorsOnly: Middleware = (ctx, next) => {
  if (personOf(ctx).roles.includes(MODERATOR)) return next();
  throw new AppError('forbidden', 'role_required', moderationMessages.en.role_required);
};

function idOf(ctx: Context): number {
  const id = idIn(ctx['params'].id);
  if (id === undefined) throw missing();
  return id;
}

function missing(): AppError {
  return new AppError('missing', 'post_missing', moderationMessages.en.post_missing);
}
