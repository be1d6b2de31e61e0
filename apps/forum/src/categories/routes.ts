import Router from '@koa/router';
import { AppError, readQuery } from '@portcullis/http';
import { pageNumber } from '#pages/paging.ts';
import type { Show } from '#pages/show.ts';
import type { Threads } from '#threads/threads.ts';
import type { Categories, Category } from './categories.ts';
import { categoryMessages } from './messages.ts';
import { categoriesView, categoryView } from './views.ts';

type Deps = { categories: Categories; threads: Pick<Threads, 'inCategory'>; show: Show };

export function categoryRoutes({ categories, threads, show }: Deps): Router {
  const router = new Router();

  router.get('/', async (ctx) => {
    const words = show.words(ctx);
    show.page(ctx, 'categories', words.t('categories.title'), categoriesView(words, await categories.list()));
  });

  router.get('/categories/:slug', async (ctx) => {
    const category = await requireCategory(categories, ctx.params['slug']);
    const page = pageNumber(readQuery(ctx)['page']);
    const listed = await threads.inCategory(category.slug, show.viewer(ctx), page);
    const view = categoryView(show.words(ctx), category, listed.threads, page, listed.pages);
    show.page(ctx, 'category', category.name, view);
  });

  return router;
}

export async function requireCategory(categories: Pick<Categories, 'find'>, slug = ''): Promise<Category> {
  const category = slug.includes('\0') ? undefined : await categories.find(slug);
  if (!category) throw new AppError('missing', 'category_missing', categoryMessages.en.category_missing);
  return category;
}
