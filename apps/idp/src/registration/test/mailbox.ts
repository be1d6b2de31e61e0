import { startInbox, type TestInbox } from '@portcullis/testing';
import { type Browser, hiddenField, type Page, startIdp, type TestIdp } from '#harness.ts';

export type PostedIdp = TestIdp & { inbox: TestInbox; linkTo(address: string): Promise<string> };

/** An IdP whose letters arrive; behind one proxy, so that a test can come from anywhere. */
export async function startPostedIdp(): Promise<PostedIdp> {
  await using opened = new AsyncDisposableStack();
  const inbox = opened.use(await startInbox());
  const idp = opened.use(await startIdp({ smtpUrl: inbox.smtpUrl, trustedHops: 1 }));
  const owned = opened.move();
  return { ...idp, inbox, linkTo, [Symbol.asyncDispose]: () => owned.disposeAsync() };

  /** The link in the next letter to this address. */
  async function linkTo(address: string): Promise<string> {
    return linkIn((await inbox.letterTo(address)).text);
  }
}

export function linkIn(text: string): string {
  return /https?:\/\/\S+/.exec(text)?.[0] ?? '';
}

/** Opens the page of a form and sends it, from a network of its own. */
export async function fillIn(
  browser: Browser,
  path: string,
  fields: Record<string, string>,
  address = someAddress(),
): Promise<Page> {
  const form = await browser.go(path);
  const hidden = Object.fromEntries(
    ['csrf', 'token', 'from'].map((name) => [name, hiddenField(form.text, name)]).filter(([, value]) => value !== ''),
  );
  const action = /<form method="post" action="([^"]+)"/.exec(form.text)?.[1] ?? path;
  return browser.post(action, { ...hidden, ...fields }, { headers: { 'x-forwarded-for': address } });
}

function someAddress(): string {
  return Array.from({ length: 4 }, () => Math.floor(Math.random() * 254) + 1).join('.');
}
