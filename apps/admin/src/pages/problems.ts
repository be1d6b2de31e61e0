import type { Context, Middleware } from 'koa';
import { AppError, requestIdOf, statusOfKind, type ErrorKind } from '@portcullis/http';
import type { AppSession } from '@portcullis/relying-party';
import { wordsOf } from '#i18n/messages.ts';
import { StepUpNeeded } from '#admin-api/request.ts';
import type { Drafts } from './drafts.ts';
import { hrefWith } from './keyset.ts';
import { messageOf } from './problem.ts';
import type { Show } from './show.ts';

export type ProblemView = {
  icon: string;
  heading: string;
  message: string;
  action: { label: string; href: string } | null;
  /** Another account may do what this one may not. */
  signOut: boolean;
  reference: string;
};

const SHOWN = {
  invalid: { icon: 'triangle-alert', heading: 'pages.not_understood', label: 'pages.open_page_again' },
  unauthenticated: { icon: 'lock', heading: 'pages.sign_in_again', label: 'pages.sign_in' },
  forbidden: { icon: 'lock', heading: 'pages.cannot_do', label: 'pages.to_overview' },
  missing: { icon: 'search', heading: 'pages.nothing_here', label: 'pages.to_overview' },
  conflict: { icon: 'triangle-alert', heading: 'pages.no_longer_fits', label: 'pages.open_page_again' },
  too_large: { icon: 'triangle-alert', heading: 'pages.too_much', label: 'pages.open_page_again' },
  throttled: { icon: 'clock', heading: 'pages.wait', label: 'pages.try_again' },
  unavailable: { icon: 'wifi-off', heading: 'pages.no_answer', label: 'pages.try_again' },
} as const satisfies Record<ErrorKind, object>;
const EXPIRED = new Set(['csrf_token_mismatch', 'csrf_cookie_missing', 'cross_site_request']);

type Deps = { show: Show; drafts: Drafts };

/** What goes wrong behind it becomes a page of the console; what needs a fresh sign-in goes there and comes back. */
export function problems({ show, drafts }: Deps): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (error instanceof StepUpNeeded) {
        if (ctx.method === 'POST') drafts.keep(ctx, ctx.request.body as Record<string, string>);
        ctx.status = 303;
        return ctx.redirect(hrefWith('/sign-in', { max_age: String(error.maxAgeSeconds), return_to: ctx.url }));
      }
      if (!(error instanceof AppError) || ctx.accepts('json', 'html') !== 'html') throw error;
      ctx.status = statusOfKind[error.kind];
      ctx.set('Cache-Control', 'no-store');
      const view = describe(ctx, error);
      show.page(ctx, 'problem', view.heading, view);
    }
  };
}

function describe(ctx: Context, error: AppError): ProblemView {
  const { t } = wordsOf(ctx);
  const shown = SHOWN[error.kind];
  const label = t(shown.label);
  const again = ctx.url; // every form is sent to the address of its page
  const href = error.kind === 'forbidden' || error.kind === 'missing' ? '/' : again;
  const view = {
    icon: shown.icon,
    heading: t(shown.heading),
    message: messageOf(error, ctx),
    signOut: false,
    reference: requestIdOf(ctx),
  };
  if (error.code === 'not_an_operator') {
    const name = (ctx.state['session'] as AppSession | undefined)?.name ?? '';
    return {
      ...view,
      heading: t('pages.for_operators'),
      message: t('pages.neither_role', { name }),
      action: null,
      signOut: true,
    };
  }
  if (EXPIRED.has(error.code)) {
    return {
      ...view,
      icon: 'clock',
      heading: t('pages.too_old'),
      action: { label: t('pages.open_again'), href: again },
    };
  }
  if (error.kind === 'unauthenticated') {
    return { ...view, action: { label, href: hrefWith('/sign-in', { return_to: again }) } };
  }
  return { ...view, action: { label, href } };
}
