import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { allowFormAction, type Problem } from '@portcullis/http';
import type { Locale } from '@portcullis/ui';
import { inLanguage, localeOf } from '#i18n/locale.ts';
import type { RegisteredClient } from '#clients/directory.ts';
import type { AccountLookup } from '#accounts/lookup.ts';
import { type IdpWords, wordsIn } from '#i18n/messages.ts';
import { wayBackTo } from './interactions.ts';
import type { SharedSignOut } from './shared-sign-out.ts';

type From = { client: { name: string; uri: string | null } | null; locale: Locale };

/** What the protocol needs shown; the pages themselves belong to #views. */
export type ProtocolViews = {
  /**
   * `form` posts to `action`; the button named `logout` ends everything, the other only this application. `accounts`: whom
   * the first signs out, by address, where there are several; `sid`: as whom the second leaves, where not as the current one.
   */
  signOut(view: { action: string; xsrf: string; sid: string | null; accounts: string[] } & From): string;
  signedOut(view: From): string;
  protocolProblem(problem: Problem, locale: Locale): string;
};
type LogoutSettings = Required<NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>>;
export type ProtocolPages = {
  logoutSource: NonNullable<LogoutSettings['logoutSource']>;
  postLogoutSuccessSource: NonNullable<LogoutSettings['postLogoutSuccessSource']>;
  renderError: NonNullable<Configuration['renderError']>;
};

type Deps = {
  lastApplication: (ctx: KoaContextWithOIDC) => RegisteredClient | null;
  sharedSignOut: Pick<SharedSignOut, 'accounts' | 'leaving'>;
  lookup: Pick<AccountLookup, 'forTokens'>;
};

/** The library's own pages, in our words and look. */
export function createProtocolPages(
  views: ProtocolViews,
  { lastApplication, sharedSignOut, lookup }: Deps,
): ProtocolPages {
  return {
    async logoutSource(ctx) {
      ctx.type = 'html';
      const state = ctx.oidc.session?.state;
      const xsrf = typeof state?.['secret'] === 'string' ? state['secret'] : '';
      const locale = await languageOf(ctx);
      const action = inLanguage(ctx.oidc.urlFor('end_session_confirm'), locale);
      const sid = await sharedSignOut.leaving(ctx);
      if (sid !== null) delete state?.['clientId']; // or the current one would leave it too
      const accounts = await sharedSignOut.accounts(ctx);
      ctx.body = views.signOut({ action, xsrf, sid, accounts, client: applicationOf(ctx), locale });
    },
    postLogoutSuccessSource(ctx) {
      ctx.type = 'html';
      ctx.body = views.signedOut({ client: applicationOf(ctx), locale: localeOf(ctx) });
    },
    async renderError(ctx, out, error) {
      if (ctx.accepts('html', 'json') === 'json') {
        ctx.body = out;
        return;
      }
      const words = wordsIn(await languageOf(ctx));
      const tooLong = error instanceof errors.SessionNotFound;
      const last = tooLong ? lastApplication(ctx) : null;
      const way = last ? wayBackTo(last) : applicationOf(ctx);
      const repeatable = ctx.status >= 500 && ctx.method === 'GET';
      const action = !repeatable && way?.uri && { label: words.t('views.back_to', { name: way.name }), href: way.uri };
      const problem = {
        status: ctx.status,
        code: out.error,
        ...wordsFor(error, out.error_description, words),
        requestId: String(ctx.res.getHeader('x-request-id') ?? ''),
        repeatable,
        ...(action ? { action } : undefined),
      };
      ctx.type = 'html';
      ctx.body = views.protocolProblem(problem, words.locale);
    },
  };

  /** A request that failed may not have got as far as its parameters or its session, or for the database being away. */
  async function languageOf(ctx: KoaContextWithOIDC): Promise<Locale> {
    const { params, session } = ctx.oidc ?? {};
    const asked = params?.['ui_locales'];
    const person = session?.accountId ? await lookup.forTokens(session.accountId).catch(() => undefined) : undefined;
    return localeOf(ctx, { uiLocales: typeof asked === 'string' ? asked : null, account: person?.locale });
  }
}

/**
 * A form on one of these pages may lead, in the end, to the application: a form_post response, the sign-out question,
 * and the form that signs one person out because another signs in. Only registered addresses are let in.
 */
export function allowApplication(ctx: KoaContextWithOIDC): void {
  const { client, params, route, entities } = ctx.oidc;
  const { redirect_uri: redirectUri, post_logout_redirect_uri: back } = params ?? {};
  const targets = [
    entities.Interaction?.params['redirect_uri'], // was checked when the interaction began
    typeof redirectUri === 'string' && client?.redirectUriAllowed(redirectUri) && redirectUri,
    typeof back === 'string' && route === 'end_session' && client?.postLogoutRedirectUriAllowed(back) && back,
  ];
  for (const target of targets) if (typeof target === 'string') allowFormAction(ctx, target);
}

/** Once signed out nobody's language is known: the page at the end speaks that of the question. */
export function speakToTheEnd(ctx: KoaContextWithOIDC): void {
  if (ctx.oidc.route !== 'end_session_confirm' || ctx.status !== 303) return;
  const next = ctx.response.get('Location');
  if (next.startsWith(ctx.oidc.urlFor('end_session_success'))) ctx.redirect(inLanguage(next, localeOf(ctx)));
}

function applicationOf(ctx: KoaContextWithOIDC): { name: string; uri: string | null } | null {
  const { client } = ctx.oidc;
  return client ? { name: client.clientName ?? client.clientId, uri: client.clientUri ?? null } : null;
}

/** For the person; the standard's own words stay as a code for whoever they ask for help. */
function wordsFor(error: Error, description: string | undefined, { t }: IdpWords): { title: string; message: string } {
  if (error instanceof errors.SessionNotFound)
    return { title: t('protocol.too_long'), message: t('protocol.too_long_text') };
  if (error instanceof errors.InvalidClient)
    return { title: t('protocol.no_sign_in'), message: t('protocol.unknown_client') };
  if (error instanceof errors.InvalidRedirectUri)
    return { title: t('protocol.no_sign_in'), message: t('protocol.unknown_address') };
  if (error instanceof errors.OIDCProviderError && error.expose && error.statusCode === 503)
    return { title: t('protocol.moment'), message: t('protocol.busy') };
  if (error instanceof errors.OIDCProviderError && error.expose)
    return { title: t('protocol.not_right'), message: notRight(description, t) };
  return { title: t('protocol.our_fault'), message: t('protocol.our_fault_text') };
}

function notRight(description: string | undefined, t: IdpWords['t']): string {
  return description ? t('protocol.cannot_do_that', { description }) : t('protocol.cannot_do');
}
