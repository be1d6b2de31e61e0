import type { CategoriesView, CategoryView } from '#categories/views.ts';
import type { NewThreadView, ThreadView } from '#threads/views.ts';

/** Every page of the forum: its name, its view model, its template. */
export type Views = {
  categories: CategoriesView;
  category: CategoryView;
  newThread: NewThreadView;
  thread: ThreadView;
};

export const templates: Record<keyof Views, URL> = {
  categories: new URL('../categories/categories.hbs', import.meta.url),
  category: new URL('../categories/category.hbs', import.meta.url),
  newThread: new URL('../threads/new-thread.hbs', import.meta.url),
  thread: new URL('../threads/thread.hbs', import.meta.url),
};
