import type { ForumWords } from '#i18n/messages.ts';
import { type Paging, paging } from '#pages/paging.ts';
import type { ThreadSummary } from '#threads/threads.ts';
import type { Category, CategorySummary } from './categories.ts';

export type CategoriesView = {
  categories: (Category & {
    href: string;
    threads: string;
    latest: { title: string; href: string; at: Date } | null;
  })[];
};
export type CategoryView = {
  category: Category;
  newHref: string;
  threads: { title: string; href: string; author: string; replies: string; lastPost: Date; hidden: boolean }[];
  pages: Paging | null;
};

export function categoriesView({ t }: ForumWords, categories: CategorySummary[]): CategoriesView {
  return {
    categories: categories.map(({ latest, threads, ...category }) => ({
      ...category,
      href: `/categories/${category.slug}`,
      threads: t('categories.threads', { threads }),
      latest: latest && { title: latest.title, href: `/threads/${latest.id}`, at: latest.at },
    })),
  };
}

export function categoryView(
  words: ForumWords,
  category: Category,
  threads: ThreadSummary[],
  page: number,
  pages: number,
): CategoryView {
  const path = `/categories/${category.slug}`;
  return {
    category,
    newHref: `${path}/new`,
    pages: paging(words, path, page, pages),
    threads: threads.map(({ id, title, author, replies, lastPostAt, hidden }) => ({
      title,
      href: `/threads/${id}`,
      author,
      replies: words.t('categories.replies', { replies }),
      lastPost: lastPostAt,
      hidden,
    })),
  };
}
