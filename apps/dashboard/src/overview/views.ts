import type { OrdersAnswer, PostsAnswer, ThreadsAnswer } from '@portcullis/contracts';
import type { DashboardWords } from '#i18n/messages.ts';
import type { Locale } from '@portcullis/ui';
import { silently } from '#pages/silently.ts';
import type { Answer } from '#sources/sources.ts';
import { type Day, lastDays } from './figures.ts';

type Stat = { label: string; value: string; note: string };
type ChartView = {
  id: string;
  title: string;
  unit: 'euros' | 'count';
  measure: string;
  rows: { iso: string; day: string; value: number; text: string }[];
};
type OrderRow = {
  number: number;
  href: string | null;
  who: string;
  placed: string;
  things: string;
  total: string;
};
type PostRow = { thread: string; href: string; who: string; posted: string; excerpt: string; hidden: boolean };

export type OverviewView = {
  heading: string;
  everyone: boolean;
  mayEveryone: boolean;
  problems: { sentence: string }[];
  partial: boolean;
  stats: Stat[];
  charts: ChartView[];
  shop: { href: string; orders: OrderRow[] } | null;
  forum: { href: string; posts: PostRow[] } | null;
};

type Input = {
  words: DashboardWords;
  name: string;
  everyone: boolean;
  mayEveryone: boolean;
  now: Date;
  family: { shop: string; forum: string };
  orders: Answer<OrdersAnswer>;
  posts: Answer<PostsAnswer>;
  threads: Answer<ThreadsAnswer>;
};

const LATEST = 8;

/** What came is shown; for what did not come there is a sentence and no figure: a missing number is not a zero. */
export function overviewView(input: Input): OverviewView {
  const { words, name, everyone, mayEveryone } = input;
  const { orders, posts, threads } = input;
  const shop = orders.state === 'here' ? orders.data : null;
  const forum = posts.state === 'here' && threads.state === 'here' ? { ...threads.data, ...posts.data } : null;
  const problems = [
    ...problemOf('shop', orders.state, words),
    ...problemOf('forum', posts.state === 'here' ? threads.state : posts.state, words),
  ];
  return {
    heading: everyone ? words.t('overview.heading_everyone') : words.t('overview.heading', { name }),
    everyone,
    mayEveryone,
    problems,
    partial: [orders, posts, threads].some((answer) => answer.state === 'here' && answer.data.next !== null),
    stats: [...(shop ? shopStats(shop, words) : []), ...(forum ? forumStats(forum, words) : [])],
    charts: [...(shop ? spentPerDay(shop, input) : []), ...(forum ? postsPerDay(forum, input) : [])],
    shop: shop && { href: silently(input.family.shop), orders: shop.orders.slice(0, LATEST).map(orderRow(input)) },
    forum: forum && { href: silently(input.family.forum), posts: forum.posts.slice(0, LATEST).map(postRow(input)) },
  };
}

function problemOf(
  source: 'shop' | 'forum',
  state: Answer<unknown>['state'],
  { t }: DashboardWords,
): { sentence: string }[] {
  return state === 'here' ? [] : [{ sentence: t(`overview.${source}_${state}`) }];
}

function shopStats({ orders }: OrdersAnswer, { t, locale }: DashboardWords): Stat[] {
  const cents = orders.reduce((sum, order) => sum + order.totalCents, 0);
  const things = orders.flatMap((order) => order.lines).reduce((sum, line) => sum + line.quantity, 0);
  return [
    {
      label: t('overview.orders'),
      value: orders.length.toLocaleString(locale),
      note: t('overview.with_things', { things }),
    },
    { label: t('overview.spent'), value: euros(cents / 100, locale), note: t('overview.in_shop') },
  ];
}

function forumStats(
  { posts, threads }: Pick<PostsAnswer & ThreadsAnswer, 'posts' | 'threads'>,
  { t, locale }: DashboardWords,
): Stat[] {
  const hidden = posts.filter((post) => post.hidden).length;
  const note = hidden > 0 ? t('overview.of_them_hidden', { hidden }) : t('overview.in_forum');
  return [
    { label: t('overview.posts'), value: posts.length.toLocaleString(locale), note },
    { label: t('overview.threads'), value: threads.length.toLocaleString(locale), note: t('overview.started') },
  ];
}

function spentPerDay({ orders }: OrdersAnswer, { words: { t, locale }, now }: Input): ChartView[] {
  if (orders.length === 0) return [];
  const days = lastDays(
    orders,
    now,
    (order) => order.placedAt,
    (order) => order.totalCents / 100,
  );
  const rows = rowsOf(days, locale, (value) => euros(value, locale));
  return [{ id: 'spent', title: t('overview.spent_per_day'), unit: 'euros', measure: t('overview.spent'), rows }];
}

function postsPerDay({ posts }: Pick<PostsAnswer, 'posts'>, { words: { t, locale }, now }: Input): ChartView[] {
  if (posts.length === 0) return [];
  const days = lastDays(
    posts,
    now,
    (post) => post.postedAt,
    () => 1,
  );
  const rows = rowsOf(days, locale, (value) => value.toLocaleString(locale));
  return [{ id: 'written', title: t('overview.posts_per_day'), unit: 'count', measure: t('overview.posts'), rows }];
}

function rowsOf(days: Day[], locale: Locale, print: (value: number) => string): ChartView['rows'] {
  const name = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
  return days.map(({ iso, value }) => ({ iso, value, day: name.format(new Date(iso)), text: print(value) }));
}

function orderRow({ words: { locale }, everyone, family }: Input) {
  return (order: OrdersAnswer['orders'][number]): OrderRow => ({
    number: order.number,
    href: everyone ? null : silently(family.shop, `/orders/${order.number}`), // the shop shows an order to whom it belongs
    who: order.customer,
    placed: order.placedAt,
    things: order.lines.map(({ quantity, name }) => (quantity > 1 ? `${quantity} × ${name}` : name)).join(', '),
    total: euros(order.totalCents / 100, locale),
  });
}

function postRow({ family }: Input) {
  return (post: PostsAnswer['posts'][number]): PostRow => ({
    thread: post.thread.title,
    href: silently(family.forum, `/threads/${post.thread.id}`),
    who: post.author,
    posted: post.postedAt,
    excerpt: post.excerpt ?? '',
    hidden: post.hidden,
  });
}

function euros(amount: number, locale: Locale): string {
  return amount.toLocaleString(locale, { style: 'currency', currency: 'EUR' });
}
