import { eventually, startInbox, type TestInbox } from '@portcullis/testing';
import type { LetterKind } from '#mail/post.ts';
import { type Browser, hiddenField, type Page, startIdp, type TestIdp } from '#harness.ts';

export type PostedIdp = TestIdp & {
  inbox: TestInbox;
  linkTo(address: string): Promise<string>;
  writtenAgain(kind: LetterKind, about: string): Promise<void>;
};

/** An IdP whose letters arrive; behind one proxy, so that a test can come from anywhere. */
export async function startPostedIdp(): Promise<PostedIdp> {
  await using opened = new AsyncDisposableStack();
  const inbox = opened.use(await startInbox());
  const idp = opened.use(await startIdp({ smtpUrl: inbox.smtpUrl, trustedHops: 1 }));
  const owned = opened.move();
  return { ...idp, inbox, linkTo, writtenAgain, [Symbol.asyncDispose]: () => owned.disposeAsync() };

  /** The link in the next letter to this address. */
  async function linkTo(address: string): Promise<string> {
    return linkIn((await inbox.letterTo(address)).text);
  }

  /** As where the mail server had put these letters off until now. `about`: the account or the address in their job. */
  async function writtenAgain(kind: LetterKind, about: string): Promise<void> {
    const one = `name = 'mail' and data ->> 'kind' = ? and ? in (data ->> 'accountId', data ->> 'email')`;
    const isDone = async () =>
      (await idp.sql(`select 1 from pgboss.job where ${one} and state <> 'completed'`, [kind, about])).length === 0;
    await eventually(isDone);
    await idp.sql(`update pgboss.job set state = 'retry', completed_on = null where ${one}`, [kind, about]);
    await eventually(isDone);
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
