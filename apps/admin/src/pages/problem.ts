import type { Refusal } from '#admin-api/request.ts';
import { type AppError, type ErrorPage, localeOf, requestIdOf } from '@portcullis/http';
import { errorPage, inWordsOf } from '@portcullis/ui';
import type { Context } from 'koa';
import { problemMessages } from './problem-messages.ts';

/** What is said of refusals, by their codes. */
export const refusals = [problemMessages];

/** The page of what goes wrong outside of the console's frame, or on the way into it. */
export function createProblemPage(): ErrorPage {
  return errorPage('Admin', 'admin', refusals);
}

/** Why the admin API did not do it, in the language of the request. */
export function refusalOf({ code, message }: Pick<Refusal, 'code' | 'message'>, ctx: Context): string {
  const problem = { status: 409, title: '', code, message, requestId: requestIdOf(ctx) };
  return inWordsOf(localeOf(ctx), problem, refusals).message;
}

export function messageOf({ code, publicMessage }: AppError, ctx: Context): string {
  return refusalOf({ code, message: publicMessage }, ctx);
}
