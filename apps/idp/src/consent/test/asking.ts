import {
  authorizationRequest,
  type Browser,
  clientSecret,
  hiddenField,
  type Page,
  type Person,
  type TestIdp,
} from '#harness.ts';

/** The application of somebody else. */
export const theirs = { firstParty: false, scope: 'openid profile email offline_access family' };
/** What most requests ask for. */
export const some = { scope: 'openid profile', resource: '' };

export type Asking = ReturnType<typeof createAsking>;

export function createAsking(idp: TestIdp) {
  return { askedFor, active, refresh };

  /** Signed in, and asked. */
  async function askedFor(
    clientId: string,
    over: Record<string, string> = some,
    { browser = idp.browser(), person }: { browser?: Browser; person?: Person } = {},
  ) {
    const who = person ?? (await idp.person());
    const request = authorizationRequest(clientId, over);
    const page = { ...(await browser.signIn(request, who.email)), request };
    if (!isConsentPage(page)) throw new Error(`nobody was asked at ${page.url.href}`);
    return { browser, person: who, page };
  }

  /** As the provider itself judges it. */
  async function active(clientId: string, token: string | undefined): Promise<boolean> {
    const response = await fetch(`${idp.origin}/token/introspection`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
      body: new URLSearchParams({ token: token ?? '' }),
    });
    return ((await response.json()) as { active: boolean }).active;
  }

  function refresh(clientId: string, token: string | undefined) {
    return idp.token(clientId, { grant_type: 'refresh_token', refresh_token: token ?? '' });
  }
}

export function answer(browser: Browser, page: Page, given = 'allow'): Promise<Page> {
  return browser.post(page.url.pathname, { csrf: hiddenField(page.text, 'csrf'), answer: given });
}

export function isConsentPage({ url, response, text }: Page): boolean {
  return /^\/sign-in\/[\w-]+\/consent$/.test(url.pathname) && response.status === 200 && text.includes('value="allow"');
}
