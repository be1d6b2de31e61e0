import { createHash, randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { normalizeEmail } from '#accounts/email.ts';

/** An account by its e-mail address, in any spelling, and when its password became what it is: epoch milliseconds. */
type Owner = { email: string; passwordSince: number | null };

/** As long as browsers keep a cookie. */
const lifeMs = 400 * 24 * 3600 * 1000;
/** So many people may share one browser. */
const mostPerBrowser = 5;
const markLength = 16;
const periodLength = 8;
/** Ends the name of a browser where a factor was shown. */
const factorSign = '~';

/** `factorShown`: not only the password of the account was shown here once, but a second factor or a passkey too. */
export type FamiliarBrowser = { name: string; factorShown: boolean };
export type FamiliarBrowsers = ReturnType<typeof createFamiliarBrowsers>;

/**
 * Browsers that somebody has signed in with, or opened a letter of ours in to set a password, by account: guesses made
 * there are counted by themselves (see Throttle), so that nobody can keep the owner out of the account by guessing
 * elsewhere. It proves nothing else, and ends with the password it was shown with. All of it is in a signed cookie, so
 * that asking takes as long for an address that has no account.
 */
export function createFamiliarBrowsers({ https }: { https: boolean }) {
  const cookie = `${https ? '__Host-' : ''}portcullis_familiar`;
  return { mayKnow, of, remember };

  /** Whether the account with this address, if there is one, may be at home here. */
  function mayKnow(ctx: Context, email: string): boolean {
    return entriesOf(ctx).some((entry) => entry.startsWith(markOf(email)));
  }

  /** This browser, if the account is at home here. */
  function of(ctx: Context, owner: Owner): FamiliarBrowser | undefined {
    const name = entriesOf(ctx).find((entry) => entry.startsWith(markOf(owner.email) + periodOf(owner)));
    return name === undefined ? undefined : { name, factorShown: name.endsWith(factorSign) };
  }

  /** Who is here is the owner. The name stays the same, and with it the count, until a factor is shown for the first time. */
  function remember(ctx: Context, owner: Owner, { factorShown }: Pick<FamiliarBrowser, 'factorShown'>): void {
    const known = of(ctx, owner);
    const random = randomBytes(16).toString('base64url');
    const made = markOf(owner.email) + periodOf(owner) + random + (factorShown ? factorSign : '');
    const entry = known && (known.factorShown || !factorShown) ? known.name : made;
    const others = entriesOf(ctx).filter((other) => !other.startsWith(markOf(owner.email)));
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

/** What has just been written to an account. */
export function ownerOf({ email, passwordChangedAt }: { email: string; passwordChangedAt: Date | null }): Owner {
  return { email, passwordSince: passwordChangedAt?.getTime() ?? null };
}

function markOf(email: string): string {
  return hash(normalizeEmail(email)).slice(0, markLength);
}

function periodOf({ email, passwordSince }: Owner): string {
  return hash(`${normalizeEmail(email)}\0${passwordSince}`).slice(0, periodLength);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
