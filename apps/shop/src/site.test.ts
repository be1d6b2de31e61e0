import { afterAll, beforeAll, expect, test } from 'vitest';
import { OrdersAnswer } from '@portcullis/contracts';
import { type TestPerson as Person, unique, type Visitor } from '@portcullis/testing';
import { type SiteUnderTest, startSite } from './site-under-test.ts';

let site: SiteUnderTest;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site[Symbol.asyncDispose]());

const address = { recipient: 'Ada', street: 'Gate 1', postcode: '1010', city: 'Vienna', country: 'Austria' };
const XSS = `"><img src=x onerror=alert(1)><script>alert(2)</script>{{chrome}}&'`;

function someone(more: Partial<Person> = {}): Person {
  return { sub: unique('sub'), name: 'Ada', ...more };
}

/** Puts two mugs into the basket and opens the checkout: answers its hidden fields. */
async function atCheckout(visitor: Visitor): Promise<Record<string, string>> {
  await visitor.get('/products/watchman-mug');
  await visitor.submit('/basket', { product: 'watchman-mug', quantity: '2' });
  const { html } = await visitor.get('/checkout');
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(html)?.[1] ?? '';
  return { request_id: hidden('request_id'), total_cents: hidden('total_cents') };
}

async function order(person: Person, more: Record<string, string> = {}): Promise<string> {
  const visitor = site.visitor(person);
  const placed = await visitor.submit('/checkout', { ...(await atCheckout(visitor)), ...address, ...more });
  return placed.location ?? '';
}

test('every product has a page, and its drawing is served by the shop itself', async () => {
  const visitor = site.visitor();
  const { html } = await visitor.get('/');
  const pages = [...html.matchAll(/href="(\/products\/[^"]+)"/g)].map((match) => match[1] ?? '');
  const drawings = [...html.matchAll(/img src="(\/assets\/[^"]+\.svg)"/g)].map((match) => match[1] ?? '');
  expect(new Set(pages).size).toBe(12);
  expect(drawings).toHaveLength(12);
  const answers = await Promise.all([...pages, ...drawings].map((path) => visitor.get(path)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(24).fill(200));
});

test('a basket works without an account and is still there after signing in', async () => {
  const visitor = site.visitor();
  await visitor.get('/products/watchman-mug');
  const added = await visitor.submit('/basket', { product: 'watchman-mug', quantity: '2' });
  expect([added.status, added.location]).toEqual([303, '/basket']);
  expect((await visitor.get('/basket')).html).toContain('€36.00');
  expect((await visitor.get('/checkout')).location).toBe('/sign-in');
});

test.each(['0', '21', '-1', '1.5', '1e1', ' ', 'many', XSS])(
  'a quantity of %j is refused and kept',
  async (quantity) => {
    const visitor = site.visitor();
    await visitor.get('/products/watchman-mug');
    const refused = await visitor.submit('/basket', { product: 'watchman-mug', quantity });
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('Between 1 and 20, please.');
    expect(refused.html).toContain('<a href="/" aria-current="page">');
    expect(refused.html).not.toContain('<img src=x');
    expect((await visitor.get('/basket')).html).toContain('Nothing in it yet');
  },
);

test('a quantity in the basket is changed, refused with its reason, and taken out by none', async () => {
  const visitor = site.visitor();
  await visitor.get('/products/watchman-mug');
  await visitor.submit('/basket', { product: 'watchman-mug', quantity: '20' });
  const tooMany = await visitor.submit('/basket', { product: 'watchman-mug', quantity: '1' });
  expect(tooMany.html).toContain('holds 20 of one thing at most');
  const refused = await visitor.submit('/basket/watchman-mug', { quantity: '99' });
  expect([refused.status, refused.html.includes('value="99"')]).toEqual([422, true]);
  await visitor.submit('/basket/watchman-mug', { quantity: '3' });
  expect((await visitor.get('/basket')).html).toContain('€54.00');
  await visitor.submit('/basket/watchman-mug', { quantity: '0' });
  expect((await visitor.get('/basket')).html).toContain('Nothing in it yet');
});

test('an order is placed, thanked for and listed, and the basket is empty', async () => {
  const visitor = site.visitor(someone());
  const hidden = await atCheckout(visitor);
  const placed = await visitor.submit('/checkout', { ...hidden, ...address });
  expect(placed.status).toBe(303);
  expect(placed.location).toMatch(/^\/orders\/\d+\?placed=1$/);
  const page = await visitor.get(placed.location ?? '');
  for (const text of ['Thank you', '€36.00', 'Watchman&#x27;s Mug', 'Gate 1', 'Vienna'])
    expect(page.html).toContain(text);
  expect((await visitor.get('/orders')).html).toContain('2 × Watchman&#x27;s Mug');
  expect((await visitor.get('/basket')).html).toContain('Nothing in it yet');

  const again = await visitor.submit('/checkout', { ...hidden, ...address });
  expect(again.location).toBe(placed.location);
});

test('a refused checkout says what is wrong at each field and keeps what was typed', async () => {
  const visitor = site.visitor(someone());
  const hidden = await atCheckout(visitor);
  const form = { ...hidden, ...address, recipient: ' ', postcode: '1'.repeat(13), country: 'Atlantis' };
  const refused = await visitor.submit('/checkout', form);
  expect(refused.status).toBe(422);
  for (const text of [
    'Who should we write on the parcel?',
    'At most 12 characters',
    'Choose one of the countries',
    'value="Gate 1"',
  ]) {
    expect(refused.html).toContain(text);
  }
  expect(refused.html).toContain(hidden['request_id']);
});

test.each([
  ['another total', { total_cents: '1' }],
  ['no form number', { request_id: 'x' }],
  ['a field of its own', { sub: 'somebody-else' }],
  ['a line break in a name', { recipient: 'Ada\r\nBcc: x' }],
])('a checkout with %s places nothing and shows the form again', async (_, more) => {
  const person = someone();
  const visitor = site.visitor(person);
  const refused = await visitor.submit('/checkout', { ...(await atCheckout(visitor)), ...address, ...more });
  expect(refused.status).toBe(422);
  expect(refused.html).toContain('value="Vienna"');
  expect((await visitor.get('/orders')).html).toContain('No orders yet');
});

test('A-22: the order of somebody else is not found', async () => {
  const path = await order(someone());
  expect((await site.visitor(someone()).get(path)).status).toBe(404);
  expect((await site.visitor().get(path)).location).toBe('/sign-in');
});

test.each(['/products/nothing', '/products/__proto__', '/orders/0', '/orders/9999999999', '/orders/1%00', '/nowhere'])(
  'there is no page at %s',
  async (path) => {
    const answer = await site.visitor(someone()).get(path);
    expect([answer.status, answer.html.includes('</html>')]).toEqual([404, true]);
  },
);

test.each(['/basket', '/basket/watchman-mug', '/checkout'])(
  'R-61: POST %s without its token is refused',
  async (path) => {
    const refused = await site.visitor(someone()).submit(path, { product: 'watchman-mug', quantity: '1' });
    expect(refused.status).toBe(403);
  },
);

test("R-61: the token of one person's session is worth nothing in another's", async () => {
  const visitor = site.visitor(someone());
  const { html } = await visitor.get('/products/watchman-mug');
  const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const stranger = site.visitor(someone());
  await stranger.get('/products/watchman-mug');
  const refused = await stranger.submit('/basket', { csrf, product: 'watchman-mug', quantity: '1' });
  expect(refused.status).toBe(403);
});

test('A-16: names and addresses are printed as text, whatever they hold', async () => {
  const person = someone({ name: XSS });
  const path = await order(person, { recipient: XSS, street: XSS, city: XSS });
  for (const page of [path, '/orders', '/checkout', '/']) {
    const { html } = await site.visitor(person).get(page);
    expect(html).not.toMatch(/<img src=x|<script>alert/);
  }
  expect((await site.visitor(person).get(path)).html).toContain('&lt;img src&#x3D;x');
});

test("GET /api/orders answers the orders of the token's person and nobody else's, without the address", async () => {
  const [ada, ben] = [someone(), someone()];
  const path = await order(ada);
  await order(ben);
  const { status, body } = await site.api('/api/orders', ada);
  expect(status).toBe(200);
  const { orders, next } = OrdersAnswer.parse(body);
  expect(orders.map(({ sub, number, totalCents }) => [sub, `/orders/${number}?placed=1`, totalCents])).toEqual([
    [ada.sub, path, 3600],
  ]);
  expect(next).toBeNull();
  expect(JSON.stringify(body)).not.toContain('Vienna');
});

test("everyone's orders are for analysts", async () => {
  const [ada, ben] = [someone(), someone()];
  await order(ada);
  await order(ben);
  expect((await site.api('/api/orders?all=1', ada)).status).toBe(403);
  const { body } = await site.api('/api/orders?all=1&limit=2', someone({ roles: ['analyst'] }));
  const { orders, next } = OrdersAnswer.parse(body);
  expect(orders.map(({ sub }) => sub)).toEqual([ben.sub, ada.sub]);
  const further = OrdersAnswer.parse(
    (await site.api(`/api/orders?all=1&before=${next}`, someone({ roles: ['analyst'] }))).body,
  );
  expect(further.orders.every(({ number }) => number < (next ?? 0))).toBe(true);
});

test('the API refuses whoever has no token, no scope, or a query of their own making', async () => {
  expect((await site.api('/api/orders')).status).toBe(401);
  expect((await site.api('/api/orders', someone({ scope: 'openid profile' }))).status).toBe(403);
  const queries = ['limit=0', 'limit=501', 'before=x', 'all=yes', 'sub=other', 'limit=1&limit=2'];
  const refused = await Promise.all(queries.map((query) => site.api(`/api/orders?${query}`, someone())));
  expect(refused.map(({ status }) => status)).toEqual(queries.map(() => 400));
});

test('readiness tells of the database', async () => {
  const { status, body } = await site.api('/health/ready');
  expect(status).toBe(200);
  expect(body).toMatchObject({ checks: { database: 'ok' } });
});

test('the shop speaks the language of the browser, and of a person the one of the account', async () => {
  const stranger = site.visitor(undefined, 'de-AT');
  const product = await stranger.get('/products/watchman-mug');
  for (const text of ['<html lang="de"', 'In den Warenkorb', '18,00\u00a0€', '>Anmelden<'])
    expect(product.html).toContain(text);
  expect((await stranger.get('/products/none')).html).toContain('Das verkaufen wir nicht oder nicht mehr.');

  const visitor = site.visitor(someone({ locale: 'es' }), 'de-AT');
  const hidden = await atCheckout(visitor);
  const refused = await visitor.submit('/checkout', { ...hidden, ...address, city: '', street: 'x'.repeat(121) });
  for (const text of ['<html lang="es"', '¿Qué localidad?', 'Como máximo 120 caracteres', '>Alemania<', '>Suecia<'])
    expect(refused.html).toContain(text);
  const placed = await visitor.submit('/checkout', { ...hidden, ...address });
  const page = await visitor.get(placed.location ?? '');
  for (const text of [
    'Su pedido está en nuestro libro',
    'Austria',
    '36,00\u00a0€',
    new Intl.DateTimeFormat('es', { month: 'long' }).format(),
  ])
    expect(page.html).toContain(text);
  expect((await visitor.get('/orders/1')).html).toContain('No tiene ningún pedido con este número.');
});
