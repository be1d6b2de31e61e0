import { randomBytes } from 'node:crypto';
import { expect, test } from '../fixtures.ts';
import * as applications from '../relying-parties.ts';
import { declare, type Declaration } from '../test-client.ts';

type Case = {
  library: string;
  build: Parameters<typeof applications.run>[1];
  declaration: (url: string) => Partial<Declaration>;
};
const cases: Case[] = [
  { library: 'openid-client', build: applications.withOpenidClient, declaration: () => ({}) },
  {
    library: 'passport-openidconnect',
    build: applications.withPassport,
    declaration: () => ({ nonceInsteadOfPkce: true }), // it knows no PKCE
  },
  {
    library: 'oidc-client-ts',
    build: applications.withOidcClientTs,
    declaration: (url) => ({ type: 'public', secrets: [], allowedOrigins: [url] }),
  },
];

for (const { library, build, declaration } of cases) {
  test(`${library}, unmodified, signs a person in and reads userinfo`, async ({
    page,
    stack,
    portcullis,
    person,
    shop,
    signInPage,
  }) => {
    const id = `${library}-${randomBytes(4).toString('hex')}`;
    const secret = randomBytes(32).toString('hex');
    const application = await applications.run(async (url) => {
      const redirectUris = [`${url}/callback`];
      const settings = {
        id,
        name: library,
        type: 'confidential',
        secrets: [secret],
        redirectUris,
        ...declaration(url),
      };
      await declare(stack, portcullis, settings);
      return { issuer: stack.urls.idp, id, secret };
    }, build);

    const signIn = async () => {
      await page.goto(library === 'oidc-client-ts' ? application.url : `${application.url}/sign-in`);
      if (library === 'oidc-client-ts') await page.getByRole('button', { name: 'Sign in' }).click();
    };
    await signIn();
    await expect(page.getByText(`To continue to ${library}`)).toBeVisible();
    await signInPage.signIn(person);
    await expect(page.getByRole('heading')).toHaveText('Welcome');
    await expect(page.getByRole('status')).toContainText(person.id);
    await expect(page.getByRole('status')).toContainText(person.email);

    // It is one of the family: known at the shop, and the shop's sign-in is good here.
    await shop.open('/sign-in');
    await expect(shop.greeting(person.name)).toBeVisible();
    await signIn();
    await expect(page.getByRole('heading')).toHaveText('Welcome');
    await application.stop();
  });
}

test('CORS: an origin that a public client has not registered gets no token', async ({
  page,
  stack,
  portcullis,
  person,
  signInPage,
}) => {
  const id = `elsewhere-${randomBytes(4).toString('hex')}`;
  const application = await applications.run(async (url) => {
    const origins = ['https://app.example'];
    await declare(stack, portcullis, {
      id,
      type: 'public',
      redirectUris: [`${url}/callback`],
      allowedOrigins: origins,
    });
    return { issuer: stack.urls.idp, id, secret: '' };
  }, applications.withOidcClientTs);
  await page.goto(application.url);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await signInPage.signIn(person);
  await expect(page.getByRole('heading')).toHaveText('Refused');
  await application.stop();
});
