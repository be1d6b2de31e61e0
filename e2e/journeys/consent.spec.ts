import { randomBytes } from 'node:crypto';
import { expect, test } from '../fixtures.ts';
import { ConsentPage } from '../pages/consent-page.ts';
import { scriptPayloads } from '../payloads.ts';
import * as applications from '../relying-parties.ts';
import { declare, declareAll } from '../test-client.ts';
import type { Portcullis } from '../command-line.ts';
import type { Stack } from '../stack.ts';

const marked = (name: string): string => `${name}-${randomBytes(4).toString('hex')}`;

/** Somebody else's application, running on a library of its own. */
async function runTheirs(stack: Stack, portcullis: Portcullis, name: string): Promise<applications.RunningApplication> {
  const [id, secret] = [marked('theirs'), randomBytes(32).toString('hex')];
  return applications.run(async (url) => {
    await declare(stack, portcullis, {
      id,
      name,
      firstParty: false,
      type: 'confidential',
      secrets: [secret],
      redirectUris: [`${url}/callback`],
    });
    return { issuer: stack.urls.idp, id, secret };
  }, applications.withOpenidClient);
}

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('somebody else’s application: denied, allowed, remembered, withdrawn, asked again', async ({
    page,
    stack,
    portcullis,
    person,
    signInPage,
  }) => {
    const consent = new ConsentPage(page);
    const application = await runTheirs(stack, portcullis, 'Pixel Harbour');
    await page.goto(`${application.url}/sign-in`);
    await signInPage.signIn(person);
    await expect(consent.asks('Pixel Harbour')).toBeVisible();
    await expect(consent.leadsTo(new URL(application.url).host)).toBeVisible();
    await expect(consent.asksFor(person.email)).toBeVisible();
    await expect(consent.fresh).toContainText(['Recognise you', 'See your profile', 'See your email address']);
    const [allow, deny] = [await consent.allow.boundingBox(), await consent.deny.boundingBox()];
    expect([allow?.width, allow?.height]).toEqual([deny?.width, deny?.height]);
    await consent.deny.click();
    await expect(page.getByRole('heading')).toHaveText('Refused');
    await expect(page.getByRole('status')).toHaveText('access_denied');

    await page.goto(`${application.url}/sign-in`);
    await consent.allow.click();
    await expect(page.getByRole('status')).toContainText(person.email);
    await page.goto(`${application.url}/sign-in`);
    await expect(page.getByRole('heading')).toHaveText('Welcome');

    await page.goto(`${stack.urls.idp}/account/applications`);
    const row = page.getByRole('row', { name: /Pixel Harbour/ });
    await row.getByRole('button').click();
    await expect(row).toBeHidden();
    await page.goto(`${application.url}/sign-in`);
    await expect(consent.asks('Pixel Harbour')).toBeVisible();
    await application.stop();
  });
});

test('“not you?” leads to another account, which is asked for itself', async ({
  page,
  stack,
  portcullis,
  person,
  nextPerson,
  signInPage,
}) => {
  const consent = new ConsentPage(page);
  const other = await nextPerson();
  const application = await runTheirs(stack, portcullis, 'Pixel Harbour');
  await page.goto(`${application.url}/sign-in`);
  await signInPage.signIn(person);
  await expect(consent.asksFor(person.email)).toBeVisible();
  await consent.notYou.click();
  await page.getByRole('button', { name: /another account/i }).click();
  await signInPage.signIn(other);
  await expect(consent.asksFor(other.email)).toBeVisible();
  await consent.allow.click();
  await expect(page.getByRole('status')).toContainText(other.email);
  await application.stop();
});

test('A-16: no name, logo or policy of an application runs anything on the page that asks for it', async ({
  page,
  stack,
  portcullis,
  person,
  signInPage,
}) => {
  const redirectUri = 'http://127.0.0.1:9/callback';
  const mark = marked('hostile');
  // Three in each field, so that a page shows three of each.
  const fields = scriptPayloads.flatMap((_, index) =>
    index % 3 ? [] : [scriptPayloads.slice(index, index + 3).join('')],
  );
  const declarations = fields.map((payload, index) => ({
    id: `${mark}-${index}`,
    name: payload,
    firstParty: false,
    type: 'public',
    redirectUris: [redirectUri],
    logoUri: `${stack.urls.shop}/logo?${payload.replaceAll('#', '')}`,
    policyUri: `https://evil.example/${payload.replaceAll('#', '')}`,
    tosUri: `https://evil.example/?${payload.replaceAll('#', '')}`,
  }));
  await declareAll(stack, portcullis, declarations);
  const alarms: string[] = [];
  page.on('dialog', (dialog) => {
    alarms.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) alarms.push(message.text());
  });

  for (const { id, name } of declarations) {
    const parameters = {
      client_id: id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    };
    await page.goto(`${stack.urls.idp}/auth?${new URLSearchParams(parameters)}`);
    if (await signInPage.submit.isVisible()) await signInPage.signIn(person);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${name} asks for access`);
  }
  expect(alarms).toEqual([]);
});
