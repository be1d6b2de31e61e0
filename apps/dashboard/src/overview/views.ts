import type { OrdersAnswer, PostsAnswer, ThreadsAnswer } from '@portcullis/contracts';
import type { Answer } from '#sources/sources.ts';
import { type Day, lastDays } from './figures.ts';

type Moment = { iso: string; text: string };
type ChartView = {
  id: string;
  title: string;
  unit: string;
  measure: string;
  rows: { iso: string; day: string; value: number; text: string }[];
};
type ShopPart = {
  charts: ChartView[];
  orders: { number: number; href: string | null; who: string; placed: Moment; things: string; total: string }[];
};
type ForumPart = {
  charts: ChartView[];
  posts: { thread: string; href: string; who: string; posted: Moment; excerpt: string; hidden: boolean }[];
};
export type OverviewView = {
  heading: string;
  everyone: boolean;
  mayEveryone: boolean;
  problems: { sentence: string }[];
  notes: string[];
  stats: { label: string; value: string; note: string }[];
  shop: ShopPart | null;
  forum: ForumPart | null;
  shopUrl: string;
  forumUrl: string;
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
  const { name, everyone, mayEveryone, family, orders, posts, threads } = input;
  const shop = orders.state === 'here' ? orders.data : null;
  const forum =
    posts.state === 'here' && threads.state === 'here' ? { posts: posts.data, threads: threads.data } : null;
  const forumState = posts.state === 'here' ? threads.state : posts.state;
  return {
    heading: everyone ? 'Everyone, lately' : `Hello, ${name}`,
    everyone,
    mayEveryone,
    problems: [problemOf('The shop', 'orders', orders.state), problemOf('The forum', 'posts', forumState)].flatMap(
      (sentence) => (sentence ? { sentence } : []),
    ),
    notes: shop?.next || forum?.posts.next ? ['The figures cover the latest 500 rows of each application.'] : [],
    stats: [...(shop ? shopStats(shop) : []), ...(forum ? forumStats(forum) : [])],
    shop: shop && shopPart(shop, input),
    forum: forum && forumPart(forum.posts, input),
    shopUrl: family.shop,
    forumUrl: family.forum,
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

function shopStats({ orders }: OrdersAnswer) {
  const cents = orders.reduce((sum, order) => sum + order.totalCents, 0);
  const things = orders.flatMap((order) => order.lines).reduce((sum, line) => sum + line.quantity, 0);
  return [
    { label: 'Orders', value: whole.format(orders.length), note: `${whole.format(things)} things in them` },
    { label: 'Spent', value: euros.format(cents / 100), note: 'in the shop' },
  ];
}

function forumStats({ posts, threads }: { posts: PostsAnswer; threads: ThreadsAnswer }) {
  const hidden = posts.posts.filter((post) => post.hidden).length;
  return [
    {
      label: 'Posts',
      value: whole.format(posts.posts.length),
      note: hidden > 0 ? `${hidden} of them hidden` : 'in the forum',
    },
    { label: 'Threads', value: whole.format(threads.threads.length), note: 'started in the forum' },
  ];
}

function shopPart({ orders }: OrdersAnswer, { now, everyone, family }: Input): ShopPart {
  const days = lastDays(
    orders,
    now,
    (order) => order.placedAt,
    (order) => order.totalCents / 100,
  );
  return {
    charts: [chart('spent', 'Spent per day', 'euros', 'Spent', days, (value) => euros.format(value))],
    orders: orders.slice(0, LATEST).map((order) => ({
      number: order.number,
      href: everyone ? null : new URL(`/orders/${order.number}`, family.shop).href, // the shop shows an order to whom it belongs
      who: order.customer,
      placed: moment(order.placedAt),
      things: order.lines.map((line) => (line.quantity > 1 ? `${line.quantity} × ${line.name}` : line.name)).join(', '),
      total: euros.format(order.totalCents / 100),
    })),
  };
}

function forumPart({ posts }: PostsAnswer, { now, family }: Input): ForumPart {
  const days = lastDays(
    posts,
    now,
    (post) => post.postedAt,
    () => 1,
  );
  return {
    charts: [chart('posts', 'Posts per day', 'count', 'Posts', days, (value) => whole.format(value))],
    posts: posts.slice(0, LATEST).map((post) => ({
      thread: post.thread.title,
      href: new URL(`/threads/${post.thread.id}`, family.forum).href,
      who: post.author,
      posted: moment(post.postedAt),
      excerpt: post.excerpt ?? '',
      hidden: post.hidden,
    })),
  };
}

function chart(
  id: string,
  title: string,
  unit: string,
  measure: string,
  days: Day[],
  print: (value: number) => string,
): ChartView {
  const rows = days.map(({ iso, value }) => ({ iso, day: dayName.format(new Date(iso)), value, text: print(value) }));
  return { id, title, unit, measure, rows };
}

function moment(iso: string): Moment {
  return { iso, text: `${dateTime.format(new Date(iso))} UTC` };
}
