import Router from '@koa/router';
import { AppError, readQuery } from '@portcullis/http';
import { pageNumber } from '#pages/paging.ts';
import type { Show } from '#pages/show.ts';
import type { Threads } from '#threads/threads.ts';
import type { Categories, Category } from './categories.ts';
import { categoriesView, categoryView } from './views.ts';

type Deps = { categories: Categories; threads: Pick<Threads, 'inCategory'>; show: Show };

export function categoryRoutes({ categories, threads, show }: Deps): Router {
  const router = new Router();

  router.get('/', async (ctx) => show.page(ctx, 'categories', 'Categories', categoriesView(await categories.list())));

  router.get('/categories/:slug', async (ctx) => {
    const category = await requireCategory(categories, ctx.params['slug']);
    const page = pageNumber(readQuery(ctx)['page']);
    const listed = await threads.inCategory(category.slug, show.viewer(ctx), page);
    show.page(ctx, 'category', category.name, categoryView(category, listed.threads, page, listed.pages));
  });

  return router;
}

export async function requireCategory(categories: Pick<Categories, 'find'>, slug = ''): Promise<Category> {
  const category = slug.includes('\0') ? undefined : await categories.find(slug);
  if (!category) throw new AppError('missing', 'category_missing', 'The forum has no such category.');
  return category;
}
