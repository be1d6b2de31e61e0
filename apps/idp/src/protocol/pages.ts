import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { allowFormAction, type Problem } from '@portcullis/http';

/** What the protocol needs shown; the pages themselves belong to #views. */
export type ProtocolViews = {
  /** `form` posts to `action`; the button named `logout` ends everything, the other only this application. */
  signOut(view: { action: string; xsrf: string; client: { name: string; uri: string | null } | null }): string;
  signedOut(view: { client: { name: string; uri: string | null } | null }): string;
  problem(problem: Problem): string;
};
type LogoutSettings = Required<NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>>;
export type ProtocolPages = Pick<LogoutSettings, 'logoutSource' | 'postLogoutSuccessSource'> & {
  renderError: NonNullable<Configuration['renderError']>;
};

/** The library's own pages, in our words and look. */
export function createProtocolPages(
  views: ProtocolViews,
  lastApplication: (ctx: KoaContextWithOIDC) => { name: string; uri: string | null } | null,
): ProtocolPages {
  return {
    logoutSource(ctx) {
      ctx.type = 'html';
      const xsrf = (ctx.oidc.session?.state as { secret?: string } | undefined)?.secret ?? '';
      ctx.body = views.signOut({ action: ctx.oidc.urlFor('end_session_confirm'), xsrf, client: applicationOf(ctx) });
    },
    postLogoutSuccessSource(ctx) {
      ctx.type = 'html';
      ctx.body = views.signedOut({ client: applicationOf(ctx) });
    },
    renderError(ctx, out, error) {
      if (ctx.accepts('html', 'json') === 'json') {
        ctx.body = out;
        return;
      }
      const application = applicationOf(ctx) ?? lastApplication(ctx);
      const action = application?.uri ? { label: `Back to ${application.name}`, href: application.uri } : undefined;
      ctx.type = 'html';
      ctx.body = views.problem({
        status: ctx.status,
        code: out.error,
        ...wordsFor(error, out.error_description),
        requestId: String(ctx.res.getHeader('x-request-id') ?? ''),
        ...(action ? { action } : undefined),
      });
    },
  };
}

/**
 * A form on one of these pages may lead, in the end, to the application (R-60): a form_post response, the sign-out question,
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

function applicationOf(ctx: KoaContextWithOIDC): { name: string; uri: string | null } | null {
  const { client } = ctx.oidc;
  return client ? { name: client.clientName ?? client.clientId, uri: client.clientUri ?? null } : null;
}

/** For the person; the standard's own words stay as a code for whoever they ask for help. */
function wordsFor(error: Error, description: string | undefined): { title: string; message: string } {
  if (error instanceof errors.SessionNotFound)
    return {
      title: 'That took too long',
      message: 'This sign-in has expired. Go back to the application and start again.',
    };
  if (error instanceof errors.InvalidClient)
    return {
      title: 'This application cannot sign you in',
      message: 'We do not know it, or it has been switched off. Tell whoever runs the application.',
    };
  if (error instanceof errors.InvalidRedirectUri)
    return {
      title: 'This application cannot sign you in',
      message:
        'It sent you here with an address that is not registered with us, so we did not follow it. Tell whoever runs the application.',
    };
  if (error instanceof errors.OIDCProviderError && error.expose && error.statusCode === 503)
    return { title: 'One moment, please', message: 'Sign-in is busy or restarting. Try again in a moment.' };
  if (error instanceof errors.OIDCProviderError && error.expose)
    return {
      title: 'This sign-in request is not right',
      message: `The application asked for something we cannot do${description ? `: ${description}` : ''}. Go back and try again.`,
    };
  return { title: 'Something went wrong', message: 'It is our fault, and it has been noted. Try again in a moment.' };
}
