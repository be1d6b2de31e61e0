import type { APIRequestContext, BrowserContext, Cookie } from '@playwright/test';
import { decodeJwt } from 'jose';
import { expect, pagesOf, test } from '../fixtures.ts';
import { cut, flipped, forgeries } from '../forgeries.ts';
import type { Person } from '../people.ts';
import type { Stack } from '../stack.ts';
import { declareClient, familyApis, statusAt } from '../test-client.ts';

test('R-50, R-51, R-53: no forged token is accepted by the APIs of shop and forum', async ({
  context,
  stack,
  person,
  client,
}) => {
  await signInAtDashboard(context, stack, person);
  const tokens = await client.tokens(context.request);
  const accessToken = tokens.access_token;
  const jwks = (await (await fetch(`${stack.urls.idp}/jwks`)).json()) as { keys: JsonWebKey[] };
  const forged = forgeries({ accessToken, idToken: String(tokens.id_token), jwks, issuer: stack.urls.idp });
  expect(forged.length).toBeGreaterThanOrEqual(40);
  expect(new Set(forged.map(({ token }) => token)).size, 'all of them different').toBe(forged.length);

  for (const api of familyApis(stack)) {
    expect(await statusAt(api, accessToken), 'the genuine one').toBe(200);
    const answers = await Promise.all(
      forged.map(async ({ name, token }) => ({ name, status: await statusAt(api, token) })),
    );
    expect(answers.filter(({ status }) => status !== 401 && status !== 400)).toEqual([]);
    for (const where of [`?access_token=${accessToken}`, `?token=${accessToken}`])
      expect(await statusOf(`${api}${where}`), 'not from the address').not.toBe(200);
  }
});

test('R-52: a token for somebody else is refused: another audience, an opaque token, a client without the scope', async ({
  context,
  stack,
  portcullis,
  person,
}) => {
  await signInAtDashboard(context, stack, person);
  const other = 'urn:portcullis:elsewhere';
  const elsewhere = await declareClient(stack, portcullis, { resources: [other] });
  const { access_token: narrow } = await elsewhere.tokens(context.request, { resource: other });
  expect(decodeJwt(narrow).aud).toBe(other);
  const { access_token: opaque } = await elsewhere.tokens(context.request, { resource: '' });
  for (const api of familyApis(stack)) {
    expect(await statusAt(api, narrow)).toBe(401);
    expect(await statusAt(api, opaque)).toBe(401);
  }
  const refused = await elsewhere.authorize(context.request); // for the family's audience
  expect(refused.url.searchParams.get('error')).toBe('invalid_target');
});

test('R-50, A-27: no tampered session cookie is accepted by the dashboard', async ({
  context,
  playwright,
  stack,
  person,
}) => {
  await signInAtDashboard(context, stack, person);
  const { shop, forum } = pagesOf(await context.newPage(), stack);
  for (const application of [shop, forum]) {
    await application.open('/sign-in');
    await expect(application.greeting(person.name)).toBeVisible();
  }
  const cookies = await context.cookies();
  const dashboard = sessionOf(cookies, 'dashboard');
  const stranger = await playwright.request.newContext();
  const shows = (pairs: Cookie[]) => showsName(stranger, stack, person, pairs);
  expect(await shows(dashboard), 'the genuine one').toBe(true);

  const whole = dashboard.map(({ value }) => value).join('');
  const parts = whole.split('.');
  const replaced = (index: number, part: string) => parts.with(index, part).join('.');
  const tampered = [
    ...parts.flatMap((part, index) => [0, 0.25, 0.5, 0.75, 1].map((at) => replaced(index, flipped(part || 'AA', at)))),
    ...[0, 2, 3, 4].map((index) => replaced(index, '')), // the second part is empty
    ...[1, 8, 64, 512].map((count) => whole.slice(0, -count)),
    ...[1, 8, 64].map((count) => whole.slice(count)),
    replaced(4, cut(String(parts[4]), 12)),
    replaced(0, Buffer.from('{"alg":"none"}').toString('base64url')),
    replaced(0, Buffer.from('{"alg":"dir","enc":"none"}').toString('base64url')),
    `${whole}${whole}`,
    Buffer.from(JSON.stringify({ sub: person.id, sid: 'x', name: person.name })).toString('base64url'),
    sessionOf(cookies, 'shop')
      .map(({ value }) => value)
      .join(''),
    sessionOf(cookies, 'forum')
      .map(({ value }) => value)
      .join(''),
  ];
  expect(tampered.length).toBeGreaterThanOrEqual(40);
  const [first] = dashboard;
  for (const value of tampered) expect(await shows([{ ...(first as Cookie), value }]), value.slice(0, 40)).toBe(false);
  expect(await shows(dashboard), 'the genuine one still').toBe(true);
  await stranger.dispose();
});

async function signInAtDashboard(context: BrowserContext, stack: Stack, person: Person): Promise<void> {
  const { dashboard, signInPage } = pagesOf(await context.newPage(), stack);
  await dashboard.open('/sign-in');
  await signInPage.signIn(person);
  await expect(dashboard.greeting(person.name)).toBeVisible();
}

/** The application's session, which is the longest of its cookies, in one piece or several. */
function sessionOf(cookies: Cookie[], application: string): Cookie[] {
  const own = cookies.filter(({ name, value }) => name.includes(application) && value.length > 500);
  expect(own.length, `a session cookie of ${application}`).toBeGreaterThan(0);
  return own.toSorted((a, b) => a.name.localeCompare(b.name));
}

async function showsName(stranger: APIRequestContext, stack: Stack, person: Person, pairs: Cookie[]): Promise<boolean> {
  const cookie = pairs.map(({ name, value }) => `${name}=${value}`).join('; ');
  const response = await stranger.get(stack.urls.dashboard, { headers: { cookie, accept: 'text/html' } });
  return (await response.text()).includes(person.name);
}

async function statusOf(url: string): Promise<number> {
  return (await fetch(url)).status;
}
