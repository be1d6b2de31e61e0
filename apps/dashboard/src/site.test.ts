import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import Router from '@koa/router';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '@portcullis/config';
import { type Order, type OrdersAnswer, type Post, type PostsAnswer, ThreadsAnswer } from '@portcullis/contracts';
import { createCsrf, createLog, healthRoutes, listen } from '@portcullis/http';
import { createVisitor, openDoor, type TestPerson } from '@portcullis/testing';
import { createSite } from './site.ts';

const XSS = `"><img src=x onerror=alert(1)><script>alert(2)</script>&'`;
const ada: TestPerson = { sub: 'ada', name: 'Ada' };
const mara: TestPerson = { sub: 'mara', name: 'Mara', roles: ['analyst'] };

type Handler = (req: IncomingMessage, res: ServerResponse) => void;
type Source = {
  url: string;
  asked: { url: string; authorization: string | undefined }[];
  answer: Handler;
} & AsyncDisposable;

let resources: AsyncDisposableStack;
let shop: Source;
let forum: Source;
let visit: (path: string, person?: TestPerson, language?: string) => Promise<{ status: number; html: string }>;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  shop = resources.use(await startSource(() => ({ orders: [order(now)], next: null }) satisfies OrdersAnswer));
  forum = resources.use(
    await startSource((path) =>
      path === '/api/threads'
        ? ({ threads: [], next: null } satisfies ThreadsAnswer)
        : ({ posts: [post(now), { ...post(now), hidden: true, excerpt: null }], next: null } satisfies PostsAnswer),
    ),
  );
  const key = new Secret('a key for tests that is long enough.');
  const csrf = createCsrf({ key, origin: 'http://localhost', cookie: { name: 'dashboard_browser', secure: false } });
  const site = createSite({
    config: { cookieKeys: [key], https: false, trustedHops: 0, family: { shop: shop.url, forum: forum.url } },
    log: createLog({ name: 'dashboard', level: 'silent' }),
    health: () => healthRoutes({ ready: {} }),
    rp: { routes: () => new Router(), session: openDoor.session, csrf },
  });
  const server = resources.use(await listen(site, { port: 0, allowedHosts: ['localhost:0'] }));
  visit = (path, person, language = 'en') =>
    createVisitor(server.url, { ...(person && openDoor.headers(person)), 'accept-language': language }).get(path);
});
afterEach(() => resources.disposeAsync());

const now = new Date().toISOString();

function order(placedAt: string, name = 'Mug'): Order {
  const lines = [{ product: 'mug', name, quantity: 2, unitCents: 1800 }];
  return { number: 1001, placedAt, sub: 'ada', customer: name, totalCents: 3600, lines };
}
function post(postedAt: string, text = 'Hello'): Post {
  return { id: 1, thread: { id: 7, title: text }, sub: 'ada', author: text, postedAt, hidden: false, excerpt: text };
}

async function startSource(body: (path: string) => unknown): Promise<Source> {
  const source: Source = {
    url: '',
    asked: [],
    answer: (req, res) => {
      const { pathname } = new URL(req.url ?? '/', source.url);
      res.setHeader('Content-Type', 'application/json').end(JSON.stringify(body(pathname)));
    },
    [Symbol.asyncDispose]: () => close(server),
  };
  const server = createServer((req, res) => {
    source.asked.push({ url: req.url ?? '', authorization: req.headers.authorization });
    source.answer(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  source.url = `http://localhost:${typeof address === 'object' && address ? address.port : 0}`;
  return source;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

test('who is not signed in is told what the page would show, and nothing is asked', async () => {
  const { status, html } = await visit('/');
  expect(status).toBe(200);
  expect(html).toContain('href="/sign-in?return_to&#x3D;%2F"');
  expect([...shop.asked, ...forum.asked]).toEqual([]);
});

test("shop and forum are asked with the session's own access token, for the person's own rows", async () => {
  const { html } = await visit('/', ada);
  const authorization = `Bearer ${openDoor.accessToken(ada)}`;
  expect(shop.asked).toEqual([{ url: '/api/orders?limit=500', authorization }]);
  expect(forum.asked.toSorted((a, b) => a.url.localeCompare(b.url))).toEqual([
    { url: '/api/posts?limit=500', authorization },
    { url: '/api/threads?limit=500', authorization },
  ]);
  for (const text of [
    'Hello, Ada',
    '€36.00',
    '2 × Mug',
    `${shop.url}/sign-in?silent&#x3D;1&amp;return_to&#x3D;%2Forders%2F1001`,
    `${forum.url}/sign-in?silent&#x3D;1&amp;return_to&#x3D;%2Fthreads%2F7`,
    '1 of them hidden',
  ]) {
    expect(html).toContain(text);
  }
  expect(html).not.toContain(openDoor.accessToken(ada));
});

test('the charts are tables of fourteen days, to be read without JavaScript', async () => {
  const { html } = await visit('/', ada);
  const tables = [...html.matchAll(/<table data-chart="(euros|count)">.*?<\/table>/gs)];
  expect(tables.map((table) => table[1])).toEqual(['euros', 'count']);
  expect(tables.map((table) => table[0].match(/<time datetime=/g)?.length)).toEqual([14, 14]);
  expect(tables[0]?.[0]).toMatch(new RegExp(`datetime="${now.slice(0, 10)}"[^]*data-value="36">€36.00`));
  expect(html).toContain('<details open>');
});

test("everyone's rows are asked for analysts, and for nobody else", async () => {
  const { html } = await visit('/?of=everyone', mara);
  expect([...shop.asked, ...forum.asked].every(({ url }) => url.endsWith('&all=1'))).toBe(true);
  expect(html).toContain('Everyone, lately');
  expect(html).toContain('data-label="Who"');
  expect(html).not.toContain('orders%2F1001');

  shop.asked.length = 0;
  expect((await visit('/?of=everyone', ada)).status).toBe(403);
  expect(shop.asked).toEqual([]);
  expect((await visit('/', ada)).html).not.toContain('?of&#x3D;everyone');
});

const failures: [string, (source: Source) => unknown, string][] = [
  ['is not there', (source) => source[Symbol.asyncDispose](), 'does not answer at the moment'],
  ['fails', (source) => (source.answer = (_, res) => res.writeHead(503).end('{}')), 'does not answer at the moment'],
  ['hangs', (source) => (source.answer = () => {}), 'does not answer at the moment'],
  ['talks of something else', (source) => (source.answer = (_, res) => res.end('{"orders":[{}]}')), 'does not answer'],
  ['sends a page', (source) => (source.answer = (_, res) => res.end('<html>')), 'does not answer at the moment'],
  [
    'leads elsewhere',
    (source) => (source.answer = (_, res) => res.writeHead(302, { location: 'http://localhost:1/' }).end()),
    'does not answer',
  ],
  [
    'refuses the token',
    (source) => (source.answer = (_, res) => res.writeHead(401).end('{}')),
    'did not accept your access',
  ],
];

test.each(failures)('when the shop %s, the page says so and shows the rest', async (_, fail, sentence) => {
  await fail(shop);
  const { status, html } = await visit('/', ada);
  expect(status).toBe(200);
  expect(html).toContain(`The shop ${sentence}`);
  expect(html).not.toContain('Latest orders');
  expect(html).toContain('Latest posts');
});

test('when both are away, two sentences and no figure are left', async () => {
  await Promise.all([shop, forum].map((source) => source[Symbol.asyncDispose]()));
  const { status, html } = await visit('/', ada);
  expect(status).toBe(200);
  expect(html).toContain('The shop does not answer');
  expect(html).toContain('The forum does not answer');
  expect(html).not.toMatch(/class="stat"|data-chart/);
});

test('A-16: what the sources say is printed as text, whatever it holds', async () => {
  shop.answer = (_, res) => res.end(JSON.stringify({ orders: [order(now, XSS)], next: null }));
  const { html } = await visit('/?of=everyone', mara);
  expect(html).toContain('&lt;script&gt;alert');
  expect(html).not.toMatch(/<img src=x|<script>alert/);
});

test('the scripts and styles of the charts are served by the dashboard itself', async () => {
  const { html } = await visit('/', ada);
  const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\/(?:uplot\.js|uplot\.css|charts\.js))"/g)];
  expect(files).toHaveLength(3);
  const answers = await Promise.all(files.map((file) => visit(file[1] ?? '')));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('more rows than were asked for are mentioned; no rows are no chart', async () => {
  shop.answer = (_, res) => res.end(JSON.stringify({ orders: [], next: null }));
  forum.answer = (_, res) => res.end(JSON.stringify({ posts: [post(now)], threads: [], next: 1 }));
  const { html } = await visit('/', ada);
  expect(html).toContain('latest 500 rows');
  expect(html).toContain('No orders yet');
  expect([...html.matchAll(/data-chart="(\w+)"/g)].map((chart) => chart[1])).toEqual(['count']);
});

test('the dashboard speaks the language of the browser, and of a person the one of the account', async () => {
  expect((await visit('/', undefined, 'es-MX')).html).toMatch(/<html lang="es"[^]*Sus pedidos y mensajes, en cifras/);
  await forum[Symbol.asyncDispose]();
  const { html } = await visit('/', { ...ada, locale: 'de' }, 'es-MX');
  for (const text of [
    '<html lang="de"',
    'Guten Tag, Ada',
    'mit 2 Artikeln',
    '36,00\u00a0€',
    'Das Forum antwortet im Augenblick nicht',
  ])
    expect(html).toContain(text);
  expect((await visit('/?of=everyone', { ...ada, locale: 'de' })).html).toContain('der Rolle analyst vorbehalten');
});
