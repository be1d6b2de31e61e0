import type { Context, Middleware } from 'koa';
import { ADMIN_MAX_AUTH_AGE_SECONDS, ADMIN_ROLES, type AdminRole } from '@portcullis/contracts';
import { AppError } from '@portcullis/http';
import { personOf, type AppSession, type RelyingParty } from '@portcullis/relying-party';
import type { createAdminApi, Operator } from '#admin-api/admin-api.ts';
import { problemMessages } from './problem-messages.ts';

const administrator: AdminRole = 'admin';

export type OperatorOf = (ctx: Context) => Operator;

/** The admin API in the name of whoever is signed in. */
export function operatorOf(adminApi: ReturnType<typeof createAdminApi>): OperatorOf {
  return (ctx) => adminApi(personOf(ctx).accessToken);
}

export function isOperator(session: AppSession | undefined): boolean {
  return ADMIN_ROLES.some((role) => session?.roles.includes(role));
}

export function mayAct(ctx: Context): boolean {
  return personOf(ctx).roles.includes(administrator);
}

/** The admin API refuses as well; here it is said before anything is asked. */
export const operatorsOnly: Middleware = (ctx, next) => {
  if (isOperator(personOf(ctx))) return next();
  throw new AppError('forbidden', 'not_an_operator', problemMessages.en.not_an_operator);
};

export const administratorsOnly: Middleware = (ctx, next) => {
  if (mayAct(ctx)) return next();
  throw new AppError('forbidden', 'administrators_only', problemMessages.en.administrators_only);
};

/** Of a form the time it takes to fill in: with it left, nobody signs in twice for one act. */
const FILLING_IN_SECONDS = 180;

/** Before the form of an act is shown: a sign-in that is fresh enough for the act itself. */
export function freshSignIn(rp: Pick<RelyingParty, 'stepUp'>): Middleware {
  return rp.stepUp({ maxAgeSeconds: ADMIN_MAX_AUTH_AGE_SECONDS - FILLING_IN_SECONDS });
}
