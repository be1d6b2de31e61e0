import Router from '@koa/router';
import type { Context } from 'koa';
import { AppError, readForm, readQuery } from '@portcullis/http';
import { personOf, type RelyingParty } from '@portcullis/relying-party';
import type { Categories } from '#categories/categories.ts';
import { requireCategory } from '#categories/routes.ts';
import { idIn } from '#pages/ids.ts';
import { pageNumber } from '#pages/paging.ts';
import type { Show } from '#pages/show.ts';
import { writingForms } from './forms.ts';
import { threadMessages } from './messages.ts';
import type { Threads } from './threads.ts';
import { type Attempt, newThreadView, threadView } from './views.ts';

type Deps = {
  categories: Pick<Categories, 'find'>;
  threads: Pick<Threads, 'read' | 'start' | 'reply'>;
  show: Show;
  rp: Pick<RelyingParty, 'csrf' | 'required'>;
};

export function threadRoutes({ categories, threads, show, rp }: Deps): Router {
  const router = new Router();
  const form = [rp.required, readForm, rp.csrf.protect] as const;

  router.get('/categories/:slug/new', rp.required, (ctx) => showNewThread(ctx, { typed: {} }));

  router.post('/categories/:slug/new', ...form, async (ctx) => {
    const typed = ctx.request.body as Record<string, string>;
    const category = await requireCategory(categories, ctx.params['slug']);
    const parsed = writingForms(show.words(ctx)).newThread.safeParse(typed);
    if (!parsed.success) return showNewThread(ctx, { typed, problems: parsed.error });
    const { request_id: requestId, ...text } = parsed.data;
    const started = await threads.start(personOf(ctx), { ...text, category: category.slug, requestId });
    if (!started.ok) return showNewThread(ctx, { typed, notice: show.words(ctx).t('threads.too_fast') });
    ctx.status = 303;
    return ctx.redirect(`/threads/${started.thread}`);
  });

  router.get('/threads/:id', (ctx) => showThread(ctx, { typed: {} }));

  router.post('/threads/:id/replies', ...form, async (ctx) => {
    const typed = ctx.request.body as Record<string, string>;
    const thread = idOf(ctx);
    const parsed = writingForms(show.words(ctx)).reply.safeParse(typed);
    if (!parsed.success) return showThread(ctx, { typed, problems: parsed.error });
    const { request_id: requestId, body } = parsed.data;
    const replied = await threads.reply(personOf(ctx), { thread, body, requestId });
    if (!replied.ok && replied.reason === 'thread_missing') throw missing();
    if (!replied.ok) return showThread(ctx, { typed, notice: show.words(ctx).t('threads.too_fast') });
    ctx.status = 303;
    return ctx.redirect(`/threads/${thread}?page=${replied.page}#post-${replied.post}`);
  });

  async function showNewThread(ctx: Context, attempt: Attempt): Promise<void> {
    const category = await requireCategory(categories, ctx['params'].slug);
    if (ctx.method === 'POST') ctx.status = 422;
    const words = show.words(ctx);
    const view = newThreadView(words, category, show.csrf(ctx), attempt);
    show.page(ctx, 'newThread', words.t('threads.new_thread'), view);
  }

  /** A refused reply is shown below the last page of its thread. */
  async function showThread(ctx: Context, attempt: Attempt): Promise<void> {
    const [id, viewer] = [idOf(ctx), show.viewer(ctx)];
    const refused = ctx.method === 'POST';
    const asked = refused ? 1 : pageNumber(readQuery(ctx)['page']);
    const found = await threads.read(id, viewer, asked);
    if (!found) throw missing();
    const page = refused ? found.pages : asked;
    const thread = page === asked ? found : ((await threads.read(id, viewer, page)) ?? found);
    const category = await requireCategory(categories, thread.category);
    if (refused) ctx.status = 422;
    const visit = { words: show.words(ctx), viewer, csrf: show.csrf(ctx), signInHref: show.signInHref(ctx) };
    show.page(ctx, 'thread', thread.title, threadView({ thread, category, page }, visit, attempt));
  }

  return router;
}

function idOf(ctx: Context): number {
  const id = idIn(ctx['params'].id);
  if (id === undefined) throw missing();
  return id;
}

function missing(): AppError {
  return new AppError('missing', 'thread_missing', threadMessages.en.thread_missing);
}
