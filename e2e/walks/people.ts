import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import { generate } from 'otplib';
import { withFile } from '../people.ts';
import { declare } from '../test-client.ts';
import { openLetter, type Walk } from './walk.ts';

const goodPassword = 'a heron sells umbrellas';

export const joining: Walk = async ({ page, stack, portcullis, inbox, at }) => {
  const email = `new-${randomUUID().slice(0, 8)}@example.org`;
  await page.goto(`${stack.urls.idp}/register`);
  await at('registration');
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send me the link' }).click();
  await expect(page.getByRole('heading', { name: 'Look into your inbox' })).toBeVisible();
  await at('look into your inbox');
  const letter = await inbox.letterTo(email);
  await openLetter(page, letter);
  await at('letter, registration');
  await page.goto(String(letter.links[0]));
  await at('name and password');
  await page.getByLabel('Name').fill('Nora Neuer');
  const password = page.getByLabel('New password', { exact: true });
  await password.pressSequentially('passwordpassword');
  await expect(page.getByRole('status')).toContainText('Easy to guess');
  await at('password, easy to guess');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(password).toHaveAttribute('aria-invalid', 'true');
  await at('password, refused');
  await password.fill(goodPassword);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page.getByRole('heading', { name: 'Your account is ready' })).toBeVisible();
  await at('account is ready');
  await page.goto(`${stack.urls.idp}/register`);
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send me the link' }).click();
  await openLetter(page, await inbox.letterTo(email));
  await at('letter, already registered');

  const taken = `taken-${randomUUID().slice(0, 8)}@example.org`;
  await page.goto(`${stack.urls.idp}/register`);
  await page.getByLabel('Email').fill(taken);
  await page.getByRole('button', { name: 'Send me the link' }).click();
  await page.goto(String((await inbox.letterTo(taken)).links[0]));
  const line = JSON.stringify({ id: randomUUID(), email: taken, name: 'Tara Taken', email_verified: true });
  await withFile('one.ndjson', line, (file) => portcullis(['accounts', 'import', file]));
  await page.getByLabel('Name').fill('Nora Neuer');
  await password.fill(goodPassword);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page.getByRole('button', { name: 'Create the account' })).toBeHidden();
  await at('address is taken');
};

export const recovering: Walk = async ({ page, stack, person, inbox, at }) => {
  await page.goto(`${stack.urls.idp}/reset-password`);
  await at('reset the password');
  await page.getByLabel('Email').fill(person.email);
  await page.getByRole('button', { name: 'Send me the link' }).click();
  const letter = await inbox.letterTo(person.email);
  await at('look into your inbox for the link');
  await openLetter(page, letter);
  await at('letter, password reset');
  await page.goto(String(letter.links[0]));
  await at('choose a new password');
  await page.getByLabel('New password', { exact: true }).fill(goodPassword);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByRole('heading', { name: 'Your password is set' })).toBeVisible();
  await at('password is set');
  await openLetter(page, await inbox.letterTo(person.email));
  await at('letter, password changed');
  await page.goto(String(letter.links[0]));
  await at('dead link');
};

/** A sign-in that demands a second factor of somebody who has none, and the next one. */
export const secondFactor: Walk = async ({ page, stack, portcullis, person, signInPage, at }) => {
  const application = `strict-${randomUUID().slice(0, 8)}`;
  const request = await applicationOf({ stack, portcullis }, application, {
    minimumAcr: 'urn:portcullis:acr:mfa',
    branding: { hue: 20 },
  });
  await page.goto(request);
  await signInPage.signIn(person);
  await expect(page.getByRole('heading', { name: 'Make your account safer' })).toBeVisible();
  await at('enrolment');
  await page.getByRole('link', { name: 'Use an authenticator app' }).click();
  const secret = (await page.locator('.secret-key').innerText()).replaceAll(/\s/g, '');
  await at('enrolment, authenticator');
  await page.getByLabel('Six digits from the app').fill('000000');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(signInPage.code).toHaveAttribute('aria-invalid', 'true');
  await at('enrolment, wrong code');
  await page.getByLabel('Six digits from the app').fill(await generate({ secret }));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('heading', { name: 'Keep these recovery codes' })).toBeVisible();
  await at('recovery codes');

  await page.context().clearCookies();
  await page.goto(request);
  await signInPage.signIn(person);
  await expect(page.getByRole('heading', { name: 'One more step' })).toBeVisible();
  await at('second factor, authenticator');
  await page.getByRole('link', { name: 'Recovery code' }).click();
  await at('second factor, recovery code');
  await page.getByLabel('Recovery code').fill('AAAA-BBBB-CCCC');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(signInPage.code).toHaveAttribute('aria-invalid', 'true');
  await at('second factor, wrong code');
};

/** Where an application is content with a code by mail. */
export const mailedCode: Walk = async ({ page, stack, portcullis, person, signInPage, inbox, at }) => {
  const id = `mailed-${randomUUID().slice(0, 8)}`;
  await page.goto(await applicationOf({ stack, portcullis }, id, { minimumAcr: 'urn:portcullis:acr:email-code' }));
  await signInPage.signIn(person);
  await page.getByRole('button', { name: /code/i }).first().click();
  const letter = await inbox.letterTo(person.email, { subject: 'code' });
  await at('second factor, mailed code');
  await openLetter(page, letter);
  await at('letter, code');
};

/** Somebody else's application asks for what it wants to see; then which account is meant. */
export const consent: Walk = async ({ page, stack, portcullis, person, shop, signInPage, at }) => {
  const application = `outside-${randomUUID().slice(0, 8)}`;
  const request = await applicationOf({ stack, portcullis }, application, {
    name: 'Pixel Harbour',
    firstParty: false,
    policyUri: 'https://pixel-harbour.example/privacy',
    tosUri: 'https://pixel-harbour.example/terms',
    uri: 'https://pixel-harbour.example',
  });
  await page.goto(request.replace('+email', ''));
  await signInPage.signIn(person);
  await expect(page.getByRole('heading', { name: /asks for access/ })).toBeVisible();
  await at('consent');
  await page.getByRole('button', { name: 'Allow' }).click();
  await expect(page, 'nobody listens there').toHaveURL(/^chrome-error:/);
  await page.goto(request);
  await expect(page.getByRole('heading', { name: /asks for more/ })).toBeVisible();
  await at('consent to more');
  await shop.open('/sign-in');
  await expect(shop.greeting(person.name)).toBeVisible();
  await page.goto(`${request}&prompt=select_account`);
  await expect(page.getByRole('heading', { name: 'Choose an account' })).toBeVisible();
  await at('choice of account');
};

/** Declares an application that asks for a sign-in; answers its request. */
export async function applicationOf(
  { stack, portcullis }: Pick<Parameters<Walk>[0], 'stack' | 'portcullis'>,
  id: string,
  settings: Record<string, unknown>,
): Promise<string> {
  const redirectUri = 'http://127.0.0.1:9/callback';
  await declare(stack, portcullis, {
    id,
    name: 'Treasury',
    type: 'public',
    redirectUris: [redirectUri],
    scope: 'openid profile email',
    ...settings,
  });
  const parameters = {
    client_id: id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  };
  return `${stack.urls.idp}/auth?${new URLSearchParams(parameters)}`;
}
