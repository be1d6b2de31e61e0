import type { Context, Middleware } from 'koa';
import { AppError, requestIdOf, statusOfKind, type ErrorKind } from '@portcullis/http';
import type { AppSession } from '@portcullis/relying-party';
import { StepUpNeeded } from '#admin-api/request.ts';
import type { Drafts } from './drafts.ts';
import { hrefWith } from './keyset.ts';
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

type Words = { icon: string; heading: string; label: string };
const WORDS: Record<ErrorKind, Words> = {
  invalid: { icon: 'triangle-alert', heading: 'That was not understood', label: 'Open the page again' },
  unauthenticated: { icon: 'lock', heading: 'Please sign in again', label: 'Sign in' },
  forbidden: { icon: 'lock', heading: 'You cannot do this', label: 'To the overview' },
  missing: { icon: 'search', heading: 'There is nothing here', label: 'To the overview' },
  conflict: { icon: 'triangle-alert', heading: 'That no longer fits', label: 'Open the page again' },
  too_large: { icon: 'triangle-alert', heading: 'That was too much at once', label: 'Open the page again' },
  throttled: { icon: 'clock', heading: 'Please wait a moment', label: 'Try again' },
  unavailable: { icon: 'wifi-off', heading: 'Portcullis does not answer', label: 'Try again' },
};
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
  const { icon, heading, label } = WORDS[error.kind];
  const again = ctx.url; // every form is sent to the address of its page
  const href = error.kind === 'forbidden' || error.kind === 'missing' ? '/' : again;
  const view = { icon, heading, message: error.publicMessage, signOut: false, reference: requestIdOf(ctx) };
  if (error.code === 'not_an_operator') {
    const name = (ctx.state['session'] as AppSession | undefined)?.name ?? 'you';
    return {
      ...view,
      heading: 'This console is for operators',
      message: `You are signed in as ${name}, an account with neither the role admin nor support. Ask an administrator for one of them, or sign out and come back with another account.`,
      action: null,
      signOut: true,
    };
  }
  if (EXPIRED.has(error.code)) {
    return {
      ...view,
      icon: 'clock',
      heading: 'This page was too old',
      action: { label: 'Open it again', href: again },
    };
  }
  if (error.kind === 'unauthenticated') {
    return { ...view, action: { label, href: hrefWith('/sign-in', { return_to: again }) } };
  }
  return { ...view, action: { label, href } };
}
