import { createHash, randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { normalizeEmail } from '#accounts/email.ts';

/** As long as browsers keep a cookie. */
const lifeMs = 400 * 24 * 3600 * 1000;
/** So many people may share one browser. */
const mostPerBrowser = 5;
const markLength = 16;
/** Ends the name of a browser where a factor was shown. */
const factorSign = '~';

/** `factorShown`: not only the password of the account was shown here once, but a second factor or a passkey too. */
export type FamiliarBrowser = { name: string; factorShown: boolean };
export type FamiliarBrowsers = ReturnType<typeof createFamiliarBrowsers>;

/**
 * Browsers that somebody has signed in with, or opened a letter of ours in to set a password, by account: guesses made there are counted by themselves (see Throttle), so
 * that nobody can keep the owner out of the account by guessing elsewhere. It proves nothing else. All of it is in a
 * signed cookie, so that asking takes as long for an address that has no account.
 */
export function createFamiliarBrowsers({ https }: { https: boolean }) {
  const cookie = `${https ? '__Host-' : ''}portcullis_familiar`;
  return { of, remember };

  /** This browser, if the account with this e-mail address, in any spelling, is at home here. */
  function of(ctx: Context, email: string): FamiliarBrowser | undefined {
    const name = entriesOf(ctx).find((entry) => entry.startsWith(markOf(email)));
    return name === undefined ? undefined : { name, factorShown: name.endsWith(factorSign) };
  }

  /** A sign-in is complete, or a password set by a letter. The name stays the same, and with it the count, until a factor is shown for the first time. */
  function remember(ctx: Context, email: string, { factorShown }: Pick<FamiliarBrowser, 'factorShown'>): void {
    const known = of(ctx, email);
    const made = markOf(email) + randomBytes(16).toString('base64url') + (factorShown ? factorSign : '');
    const entry = known && (known.factorShown || !factorShown) ? known.name : made;
    const others = entriesOf(ctx).filter((other) => !other.startsWith(markOf(email)));
    const entries = [entry, ...others].slice(0, mostPerBrowser);
    ctx.cookies.set(cookie, entries.join('.'), {
      signed: true,
      httpOnly: true,
      sameSite: 'lax',
      secure: https,
      maxAge: lifeMs,
    });
  }

  function entriesOf(ctx: Context): string[] {
    return ctx.cookies.get(cookie, { signed: true })?.split('.').slice(0, mostPerBrowser) ?? [];
  }
}

function markOf(email: string): string {
  return createHash('sha256').update(normalizeEmail(email)).digest('base64url').slice(0, markLength);
}
