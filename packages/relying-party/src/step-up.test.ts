import { expect, test } from 'vitest';
import { openFamily } from './test-app.ts';

const { provider, app } = await openFamily();

async function signedIn() {
  const browser = app.browser();
  expect(await browser.signIn()).toMatchObject({ status: 303 });
  return browser;
}

test('a page for recent sign-ins leads to one and back; then it opens, without asking again', async () => {
  const browser = await signedIn();

  const sent = await browser.get('/careful');
  expect(sent).toMatchObject({ status: 303, location: '/sign-in?return_to=%2Fcareful&max_age=600' });
  expect(await browser.signIn(sent.location ?? '')).toMatchObject({ status: 303, location: '/careful' });

  expect(provider.state.authorized.get('max_age')).toBe('600');
  expect(await browser.get('/careful')).toMatchObject({ status: 200, text: 'careful' });
});

test('a sign-in recent enough is not repeated by a link that asks for one', async () => {
  provider.state.authTime = Math.floor(Date.now() / 1000) - 60;
  const browser = await signedIn();

  expect(await browser.get('/sign-in?max_age=600&return_to=/careful')).toMatchObject({
    status: 303,
    location: '/careful',
  });
});

test('a form sent too late after the sign-in is not acted upon; the page leads to a sign-in and back to the form', async () => {
  const browser = await signedIn();

  const page = await browser.post('/careful');
  expect(page.status).toBe(401);
  expect(page.text).toContain('href="/sign-in?return_to=%2Fcareful&max_age=600"');
  expect(page.headers.get('cache-control')).toBe('no-store');
});

test('a script hears what is needed', async () => {
  const browser = await signedIn();

  const answer = await browser.get('/careful', { accept: 'application/json' });

  expect(answer.status).toBe(401);
  expect(JSON.parse(answer.text)).toMatchObject({ error: 'confirmation_needed' });
});

test('nobody signed in: a page that needs a recent sign-in leads there', async () => {
  expect(await app.browser().get('/strong')).toMatchObject({
    status: 303,
    location: '/sign-in?return_to=%2Fstrong&acr_values=urn%3Aexample%3Atwo+urn%3Aexample%3Athree',
  });
});

test('a provider that did not ask the person again is not believed', async () => {
  const browser = await signedIn();
  const old = provider.state.authTime;
  provider.state.idToken = (claims) => provider.signed({ ...claims, auth_time: old });

  const answer = await browser.signIn('/sign-in?max_age=600&return_to=/careful');

  expect(answer.status).toBe(503);
  expect((await browser.get('/careful')).status).toBe(303);
});

test('a stronger sign-in than the person has is explained once, not asked for without end', async () => {
  const browser = await signedIn();
  const { location } = await browser.get('/strong');

  const answer = await browser.signIn(location ?? '');

  expect(provider.state.authorized.get('acr_values')).toBe('urn:example:two urn:example:three');
  expect(answer.status).toBe(403);
  expect(answer.text).toContain('A stronger sign-in is needed');

  provider.state.acr = 'urn:example:three';
  expect(await browser.signIn(location ?? '')).toMatchObject({ status: 303, location: '/strong' });
  expect(await browser.get('/strong')).toMatchObject({ status: 200, text: 'strong' });
});

test.for([
  'max_age=-1',
  'max_age=1e3',
  'max_age=600&max_age=1',
  'max_age=99999999',
  'max_age=',
  'max_age=x%0d%0aSet-Cookie:a=b',
  'acr_values=%3Cscript%3E',
  `acr_values=${'a'.repeat(201)}`,
  'acr_values=a%00b',
])('A-05 a link that asks for nonsense is refused: %s', async (query) => {
  expect((await app.browser().get(`/sign-in?${query}`)).status).toBe(400);
});
