import type { OrdersAnswer, PostsAnswer, ThreadsAnswer } from '@portcullis/contracts';
import { silently } from '#pages/silently.ts';
import type { Answer } from '#sources/sources.ts';
import { type Day, lastDays } from './figures.ts';

type Moment = { iso: string; text: string };
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
  placed: Moment;
  things: string;
  total: string;
};
type PostRow = { thread: string; href: string; who: string; posted: Moment; excerpt: string; hidden: boolean };

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
const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });
const whole = new Intl.NumberFormat('en-IE');
const dayName = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
const dateTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** What came is shown; for what did not come there is a sentence and no figure: a missing number is not a zero. */
export function overviewView(input: Input): OverviewView {
  const { name, everyone, mayEveryone, now } = input;
  const { orders, posts, threads } = input;
  const shop = orders.state === 'here' ? orders.data : null;
  const forum = posts.state === 'here' && threads.state === 'here' ? { ...threads.data, ...posts.data } : null;
  const problems = [
    problemOf('The shop', 'orders', orders.state),
    problemOf('The forum', 'posts', posts.state === 'here' ? threads.state : posts.state),
  ];
  return {
    heading: everyone ? 'Everyone, lately' : `Hello, ${name}`,
    everyone,
    mayEveryone,
    problems: problems.flatMap((sentence) => (sentence ? { sentence } : [])),
    partial: [orders, posts, threads].some((answer) => answer.state === 'here' && answer.data.next !== null),
    stats: [...(shop ? shopStats(shop) : []), ...(forum ? forumStats(forum) : [])],
    charts: [...(shop ? spentPerDay(shop, now) : []), ...(forum ? postsPerDay(forum, now) : [])],
    shop: shop && { href: silently(input.family.shop), orders: shop.orders.slice(0, LATEST).map(orderRow(input)) },
    forum: forum && { href: silently(input.family.forum), posts: forum.posts.slice(0, LATEST).map(postRow(input)) },
  };
}

function problemOf(who: string, what: string, state: Answer<unknown>['state']): string | null {
  switch (state) {
    case 'here':
      return null;
    case 'away':
      return `${who} does not answer at the moment, so its ${what} are missing on this page. The rest is up to date.`;
    case 'refused':
      return `${who} did not accept your access, so its ${what} are missing on this page. Signing out and in again may help.`;
  }
}

function shopStats({ orders }: OrdersAnswer): Stat[] {
  const cents = orders.reduce((sum, order) => sum + order.totalCents, 0);
  const things = orders.flatMap((order) => order.lines).reduce((sum, line) => sum + line.quantity, 0);
  return [
    { label: 'Orders', value: whole.format(orders.length), note: `with ${counted(things, 'thing', 'things')}` },
    { label: 'Spent', value: euros.format(cents / 100), note: 'in the shop' },
  ];
}

function forumStats({ posts, threads }: Pick<PostsAnswer & ThreadsAnswer, 'posts' | 'threads'>): Stat[] {
  const hidden = posts.filter((post) => post.hidden).length;
  const note = hidden > 0 ? `${whole.format(hidden)} of them hidden` : 'in the forum';
  return [
    { label: 'Posts', value: whole.format(posts.length), note },
    { label: 'Threads', value: whole.format(threads.length), note: 'started in the forum' },
  ];
}

function spentPerDay({ orders }: OrdersAnswer, now: Date): ChartView[] {
  if (orders.length === 0) return [];
  const days = lastDays(
    orders,
    now,
    (order) => order.placedAt,
    (order) => order.totalCents / 100,
  );
  const rows = rowsOf(days, (value) => euros.format(value));
  return [{ id: 'spent', title: 'Spent per day', unit: 'euros', measure: 'Spent', rows }];
}

function postsPerDay({ posts }: Pick<PostsAnswer, 'posts'>, now: Date): ChartView[] {
  if (posts.length === 0) return [];
  const days = lastDays(
    posts,
    now,
    (post) => post.postedAt,
    () => 1,
  );
  const rows = rowsOf(days, (value) => whole.format(value));
  return [{ id: 'written', title: 'Posts per day', unit: 'count', measure: 'Posts', rows }];
}

function rowsOf(days: Day[], print: (value: number) => string): ChartView['rows'] {
  return days.map(({ iso, value }) => ({ iso, value, day: dayName.format(new Date(iso)), text: print(value) }));
}

function orderRow({ everyone, family }: Input) {
  return (order: OrdersAnswer['orders'][number]): OrderRow => ({
    number: order.number,
    href: everyone ? null : silently(family.shop, `/orders/${order.number}`), // the shop shows an order to whom it belongs
    who: order.customer,
    placed: moment(order.placedAt),
    things: order.lines.map(({ quantity, name }) => (quantity > 1 ? `${quantity} × ${name}` : name)).join(', '),
    total: euros.format(order.totalCents / 100),
  });
}

function postRow({ family }: Input) {
  return (post: PostsAnswer['posts'][number]): PostRow => ({
    thread: post.thread.title,
    href: silently(family.forum, `/threads/${post.thread.id}`),
    who: post.author,
    posted: moment(post.postedAt),
    excerpt: post.excerpt ?? '',
    hidden: post.hidden,
  });
}

function counted(count: number, one: string, many: string): string {
  return `${whole.format(count)} ${count === 1 ? one : many}`;
}

function moment(iso: string): Moment {
  return { iso, text: `${dateTime.format(new Date(iso))} UTC` };
}
