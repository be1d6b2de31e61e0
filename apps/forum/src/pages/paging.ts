import type { ForumWords } from '#i18n/messages.ts';

export type Paging = { previousHref: string | null; nextHref: string | null; label: string };

/** The page number of a query: what is not one is the first. */
export function pageNumber(text: string | undefined): number {
  return text !== undefined && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 1;
}

/** Links to the neighbours; null when everything fits one page. */
export function paging({ t }: ForumWords, path: string, page: number, pages: number): Paging | null {
  if (pages <= 1) return null;
  const href = (number: number) => (number >= 1 && number <= pages ? `${path}?page=${number}` : null);
  return { previousHref: href(page - 1), nextHref: href(page + 1), label: t('pages.page_of', { page, pages }) };
}
