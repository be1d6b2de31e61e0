import { type Moment, moment } from '#pages/moment.ts';
import { type Paging, paging } from '#pages/paging.ts';
import type { ThreadSummary } from '#threads/threads.ts';
import type { Category, CategorySummary } from './categories.ts';

export type CategoriesView = {
  categories: (Category & {
    href: string;
    threads: string;
    latest: { title: string; href: string; at: Moment } | null;
  })[];
};
export type CategoryView = {
  category: Category;
  newHref: string;
  threads: { title: string; href: string; author: string; replies: string; lastPost: Moment; hidden: boolean }[];
  pages: Paging | null;
};

export function categoriesView(categories: CategorySummary[]): CategoriesView {
  return {
    categories: categories.map(({ latest, threads, ...category }) => ({
      ...category,
      href: `/categories/${category.slug}`,
      threads: counted(threads, 'thread', 'threads'),
      latest: latest && { title: latest.title, href: `/threads/${latest.id}`, at: moment(latest.at) },
    })),
  };
}

export function categoryView(category: Category, threads: ThreadSummary[], page: number, pages: number): CategoryView {
  const path = `/categories/${category.slug}`;
  return {
    category,
    newHref: `${path}/new`,
    pages: paging(path, page, pages),
    threads: threads.map(({ id, title, author, replies, lastPostAt, hidden }) => ({
      title,
      href: `/threads/${id}`,
      author,
      replies: counted(replies, 'reply', 'replies'),
      lastPost: moment(lastPostAt),
      hidden,
    })),
  };
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
