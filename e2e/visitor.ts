import { request, type APIRequestContext, type APIResponse } from '@playwright/test';
import type { Person } from './people.ts';
import type { Stack } from './stack.ts';

/** `next`: where it redirects to, had that been followed. */
export type Page = { status: number; url: string; text: string; next: string };
export type Visitor = Awaited<ReturnType<typeof newVisitor>>;
export type Cookies = Awaited<ReturnType<APIRequestContext['storageState']>>;

type Given = {
  /** It is a copy of the browser that has these. */
  cookies?: Cookies | undefined;
  /** That the browser prefers (Accept-Language). */
  language?: string;
};

/** A browser without a window: cookies, redirects and forms. */
export async function newVisitor({ urls }: Pick<Stack, 'urls'>, { cookies, language = 'en' }: Given = {}) {
  const browser = await request.newContext({
    extraHTTPHeaders: { accept: 'text/html', 'accept-language': language },
    timeout: 15_000,
    ...(cookies && { storageState: cookies }),
  });
  return {
    /** For who wants to send something else with these cookies. */
    browser,
    open,
    signIn,
    enter,
    signOut,
    submit,
    cookies: () => browser.storageState(),
    close: () => browser.dispose(),
  };

  async function open(url: string): Promise<Page> {
    return pageOf(await browser.get(url));
  }

  /** Signs in at this application through the sign-in page; answers the last page of it. */
  async function signIn(application: string, { email, password }: Person): Promise<Page> {
    const page = await open(`${application}/sign-in`);
    return page.text.includes('name="password"') ? submit(page, { email, password }) : page;
  }

  /** Into another application by the session at the provider. */
  function enter(application: string): Promise<Page> {
    return open(`${application}/sign-in`);
  }

  /** Out of everything, by the provider's own page. */
  async function signOut(): Promise<Page> {
    return submit(await open(`${urls.idp}/session/end`), { logout: 'yes' });
  }

  /** The first form of the page, or of those that are sent `to` there, its hidden fields and these; `stay`: a redirect is not followed. */
  async function submit(page: Page, fields: Record<string, string>, { stay = false, to = '' } = {}): Promise<Page> {
    const forms = page.text.matchAll(/<form method="post" action="([^"]*)"[^>]*>(.*?)<\/form>/gs);
    const [, action = '', content = ''] = forms.find(([, where]) => where?.endsWith(to)) ?? [];
    const hidden = [...content.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const own = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value]));
    const url = new URL(action, page.url);
    return pageOf(
      await browser.post(url.href, {
        form: { ...own, ...fields },
        headers: { origin: url.origin },
        ...(stay && { maxRedirects: 0 }),
      }),
    );
  }
}

async function pageOf(response: APIResponse): Promise<Page> {
  return {
    status: response.status(),
    url: response.url(),
    text: await response.text(),
    next: response.headers()['location'] ?? '',
  };
}
