import { AppError, readForm } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import type { Middleware } from 'koa';
import type { Drafts } from './drafts.ts';
import { problemMessages } from './problem-messages.ts';

type Deps = { rp: Pick<RelyingParty, 'timedOut'>; drafts: Drafts };

/** A form that is sent after the session has run out changes nothing; what was typed is there again after the sign-in. */
export function typedIsKept({ rp, drafts }: Deps): Middleware {
  return async (ctx, next) => {
    if (ctx.method !== 'POST' || !rp.timedOut(ctx)) return next();
    const isOfOthers = ['cross-site', 'same-site'].includes(ctx.get('Sec-Fetch-Site'));
    if (!isOfOthers) await readForm(ctx, async () => drafts.keep(ctx, ctx.request.body as Record<string, string>));
    throw new AppError('unauthenticated', 'session_timed_out', problemMessages.en.session_timed_out);
  };
}
