import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError, type Csrf, readForm } from '@portcullis/http';
import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import type { z } from 'zod';
import { Account } from '#accounts/entity.ts';
import type { AccountLookup } from '#accounts/lookup.ts';
import type { UnitOfWork } from '#database/orm.ts';
import { localeOf } from '#i18n/locale.ts';
import { type IdpWords, wordsIn } from '#i18n/messages.ts';
import type { Interactions, SignedIn } from '#protocol/interactions.ts';
import { type Acr, satisfies } from '#sign-in/assurance.ts';
import { signInUrl } from './client.ts';
import type { Show } from './show.ts';

/** how long ago a sign-in may be for what is sensitive. */
const recentSeconds = 300;
const twoFactors: Acr = 'urn:portcullis:acr:mfa';

/** Whoever is at the console, and in which words it speaks to them. */
export type Person = { account: Account; session: SignedIn; words: IdpWords };
export type Handle = (ctx: Context, em: EntityManager, person: Person) => Promise<void>;

type Deps = {
  issuer: string;
  interactions: Pick<Interactions, 'session'>;
  lookup: Pick<AccountLookup, 'forTokens'>;
  secondFactors: { of(accountId: string): Promise<{ totp: boolean; passkeys: number }> };
  csrf: Csrf;
  show: Show;
  withEm: UnitOfWork;
  now: () => Date;
};

export type Door = ReturnType<typeof createDoor>;

/** The only ways into the console: each page and each act is behind one of these. */
export function createDoor({ issuer, interactions, lookup, secondFactors, csrf, show, withEm, now }: Deps) {
  return { page: inside, act, sensitivePage, sensitiveAct };

  /** A form sent by our own page to whoever is signed in; `form` is where it is. */
  function act(form: string, handle: Handle, read: Middleware = readForm): Middleware {
    return compose([read, inside(protect(handle), form)]);
  }

  /** For whoever proved who it is a moment ago, with a second factor where the account has one. */
  function sensitivePage(handle: Handle, backTo?: string): Middleware {
    return inside(async (ctx, em, person) => {
      const demand = await lacking(person);
      if (!demand) return handle(ctx, em, person);
      show(ctx, person, 'account-confirm', 'account.confirm_title', {
        status: 403,
        view: { href: signInUrl(issuer, backTo ?? ctx.path, demand), secondFactor: demand.acr !== undefined },
      });
    });
  }

  function sensitiveAct(form: string, handle: Handle): Middleware {
    return act(form, async (ctx, em, person) => {
      if (await lacking(person)) return redirect(ctx, form);
      await handle(ctx, em, person);
    });
  }

  /** For whoever is signed in; others sign in first, and come back. */
  function inside(handle: Handle, backTo?: string): Middleware {
    return withEm(async (ctx, em) => {
      const session = await interactions.session(ctx);
      // Banned or switched off: the sign-in page is where that is said.
      const mayEnter = session && (await lookup.forTokens(session.accountId));
      const account = mayEnter && (await em.findOne(Account, { id: session.accountId }));
      if (!account) return redirect(ctx, signInUrl(issuer, backTo ?? ctx.path, undefined));
      ctx.state['accountId'] = account.id; // binds the forms of the page to the account it shows
      await handle(ctx, em, { account, session, words: wordsIn(localeOf(ctx, { account: account.locale })) });
    });
  }

  /** What the sign-in that holds lacks. */
  async function lacking({ account, session }: Person) {
    const { totp, passkeys } = await secondFactors.of(account.id);
    const acr = totp || passkeys > 0 ? twoFactors : undefined;
    const recent = now().getTime() - session.authenticatedAt.getTime() <= recentSeconds * 1000;
    const strong = acr === undefined || satisfies(session.acr, acr);
    return recent && strong ? undefined : { maxAgeSeconds: recentSeconds, acr };
  }

  function protect(handle: Handle): Handle {
    return (ctx, em, person) => csrf.protect(ctx, () => handle(ctx, em, person)) as Promise<void>;
  }
}

/** 303: the answer to every form. */
export function redirect(ctx: Context, to: string): void {
  ctx.status = 303;
  ctx.redirect(to);
}

/** What the form brought. Our own pages send nothing else: a field more or of another kind is refused. */
export function fieldsOf<Fields extends z.ZodType>(ctx: Context, schema: Fields): z.infer<Fields> {
  const fields = schema.safeParse(ctx.request.body);
  if (fields.success) return fields.data;
  throw new AppError('invalid', 'invalid_form', 'This form was not understood.', { cause: fields.error });
}

/** Of an object that is not this person's, or is not there: nobody learns which. */
export function missing(): AppError {
  return new AppError('missing', 'not_found', 'There is nothing at this address. It may have moved or never existed.');
}
