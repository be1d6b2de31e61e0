import type { Page, Response } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { openForeignSite } from '../foreign-site.ts';
import { AccountConsole } from '../pages/account-console.ts';
import { newVisitor } from '../visitor.ts';

type Form = { action: string; fields: Record<string, string> };

const sections = [
  '',
  '/email',
  '/security/password',
  '/security/authenticator',
  '/security/recovery-codes',
  '/sessions',
  '/applications',
  '/delete',
];

test('A-03: forms, images and frames on another site do nothing in the account of whoever looks at it, and show nothing of it', async ({
  page,
  stack,
  person,
  shop,
  forum,
  signInPage,
}) => {
  const elsewhere = await newVisitor(stack);
  await elsewhere.signIn(stack.urls.shop, person);
  const account = new AccountConsole(page, stack.urls.idp);
  await shop.open('/sign-in');
  await signInPage.signIn(person);
  await expect(shop.greeting(person.name)).toBeVisible();
  await forum.open('/sign-in');
  await expect(forum.greeting(person.name)).toBeVisible();

  const pages = [...sections.map((path) => `${stack.urls.idp}/account${path}`), stack.urls.shop, stack.urls.forum];
  const forms: Form[] = [{ action: `${stack.urls.idp}/session/end/confirm`, fields: { logout: 'yes' } }];
  for (const address of pages) {
    await page.goto(address);
    forms.push(...(await formsOn(page, person.email)));
  }
  expect(forms.map(({ action }) => new URL(action).pathname)).toEqual(
    expect.arrayContaining(['/account/profile', '/account/security/password', '/account/delete', '/sign-out']),
  );
  const before = await whatIsSoOf(account);

  const csrf = await tokenOfSomebodyElse(stack.urls.idp);
  await using site = await openForeignSite({ '/': attack({ forms, pages, csrf }) });
  for (const host of [site.stranger, site.sibling]) {
    const answers: string[] = [];
    page.on('response', (response) => {
      if (response.request().method() === 'POST') answers.push(answerOf(response));
    });
    await page.goto(host);
    await expect.poll(() => answers.length, host).toBe(forms.length);
    const allowed = host === site.sibling ? ['refused'] : ['refused', 'of nobody'];
    expect(new Set(answers), host).toEqual(new Set(allowed));
    await expect.poll(() => shownFrom(page, Object.values(stack.urls)), `${host}: pages in frames`).toEqual([]);
    page.removeAllListeners('response');
  }

  expect(await whatIsSoOf(account)).toEqual(before);
  for (const application of [shop, forum]) {
    await application.open();
    await expect(application.greeting(person.name)).toBeVisible();
  }
  await elsewhere.close();
});

/** What became of a form; `of nobody`: it came without cookies, and was answered as if nobody were signed in. */
function answerOf(response: Response): string {
  const to = response.headers()['location'] ?? '';
  if (response.status() >= 400) return 'refused';
  return /\/auth\?|^\/signed-out$/.test(to) ? 'of nobody' : `${response.status()} ${response.url()} ${to}`;
}

/** Everything that a form on this page could send, filled in by somebody who means harm. */
function formsOn(page: Page, email: string): Promise<Form[]> {
  return page.locator('form[method="post"]').evaluateAll(
    (all, typed) =>
      all.map((form) => {
        const data = new FormData(form as HTMLFormElement);
        for (const { name, type } of form.querySelectorAll('input')) {
          if (type === 'text') data.set(name, 'Mallory');
          if (type === 'email') data.set(name, typed);
          if (type === 'password') data.set(name, 'mallory knows a password');
          if (type === 'file') data.delete(name);
        }
        return { action: (form as HTMLFormElement).action, fields: Object.fromEntries(data) as Record<string, string> };
      }),
    email,
  );
}

/** Of the account and its sign-ins; whatever is done to an account is among its activity. */
async function whatIsSoOf(account: AccountConsole): Promise<unknown> {
  await account.open();
  const name = await account.page.getByLabel('Name', { exact: true }).inputValue();
  await account.open('/sessions');
  const sessions = await account.sessions.count();
  await account.open('/activity');
  const activity = await account.page.getByRole('main').getByRole('listitem').allInnerTexts();
  return { name, sessions, activity };
}

/** Good in the browser it was made for, which is not the victim's. */
async function tokenOfSomebodyElse(provider: string): Promise<string> {
  const text = await (await fetch(`${provider}/register`)).text();
  return /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
}

/** A page that sends each form by itself, loads each address as an image as well, and frames each page. */
function attack({ forms, pages, csrf }: { forms: Form[]; pages: string[]; csrf: string }): string {
  const sent = forms.map(({ action, fields }, index) => {
    const inputs = Object.entries({ ...fields, csrf }).map(([name, value]) => input(name, value));
    const target = `target-${index}`;
    const query = escape(String(new URLSearchParams(fields)));
    return `<iframe name="${target}"></iframe><form method="post" action="${escape(action)}" target="${target}">${inputs.join('')}</form>
      <img src="${escape(action)}?${query}">`;
  });
  const framed = pages.map((address) => `<iframe src="${escape(address)}"></iframe><img src="${escape(address)}">`);
  return `${sent.join('\n')}${framed.join('\n')}
    <script>for (const form of document.forms) HTMLFormElement.prototype.submit.call(form)</script>`;
}

function input(name: string, value: string): string {
  return `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

/** Where frames of this page show something of ours. */
function shownFrom(page: Page, origins: string[]): string[] {
  const frames = page.frames().map((frame) => frame.url());
  return frames.filter((url) => origins.some((origin) => url.startsWith(`${origin}/`)));
}
