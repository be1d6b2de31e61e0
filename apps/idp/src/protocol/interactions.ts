import type { Context } from 'koa';
import type { Interaction, Session } from 'oidc-provider';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { AuditLog } from '#audit/service.ts';
import type { ClientDirectory, RegisteredClient } from '#clients/directory.ts';
import type { Acr } from '#sign-in/assurance.ts';
import type { Demands } from '#sign-in/demand.ts';
import { createBegunHere } from './begun-here.ts';
import { outside } from './errors.ts';
import { levelTooLow } from './interaction-policy.ts';
import type { ParkedSession, ParkedSessions } from './parked-sessions.ts';

export type WaitingInteraction = {
  state: 'waiting';
  uid: string;
  prompt: 'login' | 'consent';
  client: {
    id: string;
    name: string;
    logoUrl: string | null;
    uri: string | null;
    firstParty: boolean;
    policyUrl: string | null;
    tosUrl: string | null;
    /** Degrees: the colour of its sign-in pages. */
    hue: number | null;
  };
  /** Where the browser will be sent in the end; registered, and checked by now. */
  redirectUri: string;
  loginHint: string | null;
  scopes: string[];
  /** Resource indicators (RFC 8707). */
  resources: string[];
  /** The languages the application asks for (`ui_locales`), as it wrote them. */
  uiLocales: string | null;
  signedInAs: string | null;
  /** Somebody is signed in and shall prove anew who it is: all of it, not just what a higher level lacks (`prompt=login`, `max_age`). */
  reauthenticate: boolean;
  /** Somebody is signed in, and only the level is too low. */
  stepUp: boolean;
  /** The account shall be chosen: the application wants it (`prompt=select_account`), or several are signed in. */
  chooseAccount: boolean;
  /** The account that the request is for, of those that are signed in here beside the current one. */
  hinted: string | null;
  /** What request and application demand; the roles of the account may demand more. */
  demands: Pick<Demands, 'acrValues' | 'minimumAcr'>;
};
export type InteractionState = WaitingInteraction | { state: 'expired'; back: { name: string; url: string } | null };

/**
 * `checkedAt`: a password that was changed since gives no session, however late the browser comes back for it.
 * `authenticatedAt` becomes `auth_time`. Without `remember` a new session ends with the browser; one that is kept stays kept.
 */
type Login = {
  accountId: string;
  checkedAt: Date;
  authenticatedAt: Date;
  amr: string[];
  acr: Acr;
  remember: boolean;
};
/** `uid` names the session in the ledger and in `sso_session`; `authenticatedAt`: when the person last proved who it is. */
export type SignedIn = { accountId: string; uid: string; authenticatedAt: Date; acr: string; amr: string[] };
export type Interactions = {
  /** The authorization request waiting at this browser, or why there is none (expired: the way back to the application). */
  current(ctx: Context): Promise<InteractionState>;
  /** 303 back into the authorization endpoint with this account signed in. Whoever else was stays so, in the background. */
  signIn(ctx: Context, login: Login): Promise<void>;
  /** 303 back into the authorization endpoint: whoever is signed in goes on. */
  goOn(ctx: Context): Promise<void>;
  /**
   * 303 back into the authorization endpoint as this account, which is signed in here in the background; there it is judged
   * whether its session is enough. False: it is not, or no longer.
   */
  switchTo(ctx: Context, accountId: string): Promise<boolean>;
  /** 303 back into the authorization endpoint: the person has been asked on the consent page, and what was allowed is stored. */
  consent(ctx: Context): Promise<void>;
  /** Whoever is signed in is not the one who wants to go on: the sign-in page asks for the account anew. */
  askForAccount(ctx: Context): Promise<void>;
  /** 303 to the application with access_denied. */
  cancel(ctx: Context): Promise<void>;
  /** Who is signed in at this browser, whatever request brought them here. */
  signedInAccount(ctx: Context): Promise<string | undefined>;
  /** The sign-in that holds at this browser. */
  session(ctx: Context): Promise<SignedIn | undefined>;
  /** Who else is signed in at this browser, in the background; the last one left first. */
  alsoSignedIn(ctx: Context): Promise<{ accountId: string; email: string }[]>;
};

export function interactionPath(uid: string): string {
  return `/sign-in/${uid}`;
}

/** Remembers in the browser which application started the last sign-in: what is left to say when the request has expired. */
export function applicationCookie(https: boolean): { name: string; maxAgeMs: number } {
  return { name: `${https ? '__Host-' : ''}portcullis_application`, maxAgeMs: 24 * 3600 * 1000 };
}

type Deps = {
  provider: () => Provider;
  clients: ClientDirectory;
  parked: ParkedSessions;
  audit: Pick<AuditLog, 'append'>;
  https: boolean;
};
type Result = Parameters<Provider['interactionResult']>[2];

/** The sign-in pages' view of the protocol: the one door of this folder for them. */
export function createInteractions({ provider, clients, parked, audit, https }: Deps): Interactions {
  const remembered = applicationCookie(https);
  const attributes = { signed: true, httpOnly: true, sameSite: 'lax', secure: https } as const;
  const begunHere = createBegunHere({ https });
  return {
    current: (ctx) => outside(() => current(ctx)),
    signIn: (ctx, login) => outside(() => signIn(ctx, login)),
    goOn: (ctx) => outside(() => finish(ctx, { select_account: {} })),
    switchTo: (ctx, accountId) => outside(() => switchTo(ctx, accountId)),
    consent: (ctx) => outside(() => finish(ctx, { consent: {} })),
    askForAccount: (ctx) => outside(() => askForAccount(ctx)),
    cancel: (ctx) => outside(() => cancel(ctx)),
    signedInAccount: async (ctx) => (await outside(() => signedIn(ctx)))?.accountId,
    session: (ctx) => outside(() => signedIn(ctx)),
    alsoSignedIn: (ctx) => outside(() => parked.list(ctx)),
  };

  async function current(ctx: Context): Promise<InteractionState> {
    const interaction = await find(ctx);
    const client = interaction && clients.find(String(interaction.params['client_id']));
    if (!interaction || !client) return { state: 'expired', back: wayBack(ctx) };
    ctx.cookies.set(remembered.name, client.id, { ...attributes, maxAge: remembered.maxAgeMs });
    const { params, prompt, session } = interaction;
    const isLogin = prompt.name === 'login';
    const stepUp = isLogin && prompt.reasons.every((reason) => reason === levelTooLow);
    return {
      state: 'waiting',
      uid: interaction.uid,
      prompt: prompt.name === 'consent' ? 'consent' : 'login',
      client: {
        id: client.id,
        name: client.name,
        logoUrl: client.logoUri,
        uri: client.uri,
        firstParty: client.firstParty,
        policyUrl: client.policyUri,
        tosUrl: client.tosUri,
        hue: client.brandingHue,
      },
      redirectUri: String(params['redirect_uri']),
      loginHint: typeof params['login_hint'] === 'string' ? params['login_hint'] : null,
      scopes: typeof params['scope'] === 'string' ? params['scope'].split(' ') : [],
      resources: [params['resource'] ?? []].flat().map(String),
      uiLocales: typeof params['ui_locales'] === 'string' ? params['ui_locales'] : null,
      signedInAs: session?.accountId ?? null,
      reauthenticate: isLogin && !stepUp && session?.accountId !== undefined,
      stepUp,
      chooseAccount: prompt.name === 'select_account',
      hinted: hintedIn(prompt.details),
      demands: {
        acrValues: typeof params['acr_values'] === 'string' ? params['acr_values'] : undefined,
        minimumAcr: client.minimumAcr ?? undefined,
      },
    };
  }

  async function signIn(ctx: Context, login: Login): Promise<void> {
    const { checkedAt, authenticatedAt, ...rest } = login;
    const ts = Math.floor(authenticatedAt.getTime() / 1000);
    // The account has been chosen too, by naming it.
    const result = { login: { ...rest, ts }, select_account: {}, checkedAt: checkedAt.getTime() };
    const present = await provider().Session.get(ctx);
    if (present.accountId === login.accountId) return finish(ctx, result);
    const entering = (await parked.list(ctx)).find(({ accountId }) => accountId === login.accountId);
    if (present.accountId === undefined && !entering) return finish(ctx, result);
    await finishAs(ctx, undefined, result);
    await change(ctx, present, entering);
  }

  async function switchTo(ctx: Context, chosen: string): Promise<boolean> {
    const entering = (await parked.list(ctx)).find(({ accountId }) => accountId === chosen);
    if (!entering || !(await find(ctx))) return false;
    const { uid, accountId, id } = entering;
    await finishAs(ctx, { uid, accountId, cookie: id }, { select_account: {} });
    const act = { at: new Date(), actor: accountId, action: 'session.switched', accountId };
    await audit.append({ ...act, detail: { session: uid } });
    await change(ctx, await provider().Session.get(ctx), entering);
    return true;
  }

  /** Whoever is current is parked, and the other one takes the place; in going on the library gives it a new handle. */
  async function change(ctx: Context, present: Session, entering: ParkedSession | undefined): Promise<void> {
    const leaving = present.accountId === undefined ? undefined : present;
    await parked.swap(ctx, { leaving, entering });
    if (leaving || entering) ctx.cookies.set(provider().cookieName('session'), entering?.id ?? null, attributes);
  }

  async function askForAccount(ctx: Context): Promise<void> {
    const interaction = await find(ctx);
    if (!interaction) return;
    interaction.prompt = { name: 'select_account', reasons: ['somebody_else'], details: {} };
    delete interaction.params['login_hint']; // it named the one who it is not
    await interaction.persist();
  }

  async function cancel(ctx: Context): Promise<void> {
    await finish(ctx, { error: 'access_denied', error_description: 'the sign-in was cancelled' });
  }

  async function signedIn(ctx: Context): Promise<SignedIn | undefined> {
    const { accountId, uid, loginTs = 0, acr = '', amr = [] } = await provider().Session.get(ctx);
    return accountId === undefined
      ? undefined
      : { accountId, uid, authenticatedAt: new Date(loginTs * 1000), acr, amr };
  }

  /** What earlier pages of this request have settled stays settled. */
  async function finish(ctx: Context, result: Result, { merge = true } = {}): Promise<void> {
    const returnTo = await provider().interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: merge });
    ctx.status = 303;
    ctx.redirect(returnTo);
  }

  /** In another session, or in one that is yet to be: what somebody else has settled counts no more. */
  async function finishAs(ctx: Context, session: Interaction['session'], result: Result): Promise<void> {
    const interaction = await provider().interactionDetails(ctx.req, ctx.res);
    interaction.session = session;
    await interaction.persist();
    await finish(ctx, result, { merge: false });
  }

  /** Only in the browser that began it, and for whoever was signed in then: a page opened in another finds nothing. */
  async function find(ctx: Context): Promise<Interaction | undefined> {
    try {
      const interaction = await provider().interactionDetails(ctx.req, ctx.res);
      if (!begunHere.has(ctx, interaction.uid)) return undefined;
      const { uid } = interaction.session ?? {};
      return uid === undefined || uid === (await provider().Session.get(ctx)).uid ? interaction : undefined;
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return undefined;
      throw error;
    }
  }

  function wayBack(ctx: Context): { name: string; url: string } | null {
    const id = ctx.cookies.get(remembered.name, { signed: true });
    const client = id ? clients.find(id) : undefined;
    const way = client && wayBackTo(client);
    return way?.uri ? { name: way.name, url: way.uri } : null;
  }
}

function hintedIn(details: object): string | null {
  return 'hinted' in details && typeof details.hinted === 'string' ? details.hinted : null;
}

/** Where the application begins another sign-in by itself, else its home. */
export function wayBackTo({ name, signInUri, uri }: RegisteredClient): Pick<RegisteredClient, 'name' | 'uri'> {
  return { name, uri: signInUri ?? uri };
}
