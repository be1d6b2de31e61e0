import type { IncomingMessage, ServerResponse } from 'node:http';
import { createKoa, type Log, type ErrorPage } from '@portcullis/http';
import type { Context, Middleware } from 'koa';
import type { AppSession } from './session.ts';
import type { StepUp } from './step-up.ts';

type Handler = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/** The relying party for Express, or anything else that calls `(req, res, next)`. */
export type ExpressDoor = {
  /** Session, sign-in, sign-out and back-channel logout. Comes first, before anything that reads bodies. */
  session: Handler;
  /** No session: a page leads to the sign-in and back, anything else is 401. */
  required: Handler;
  /** For public pages: takes up the single sign-on where there is one, once in a while and without a word. */
  silent: Handler;
  /** The person signed in lately or strongly enough; otherwise they are led to do so. */
  stepUp(need: Parameters<StepUp>[0]): Handler;
  /** A form of ours, by its field `csrf`; after the body parser. */
  protect: Handler;
  /** Who is signed in, and what goes into the field `csrf` of a form, the one sent to `/sign-out` among them. */
  visit(req: IncomingMessage): { session: AppSession | undefined; csrf: string };
};

type Deps = {
  session: Middleware;
  routes: Middleware;
  required: Middleware;
  silent: Middleware;
  protect: Middleware;
  stepUp: StepUp;
  token: (ctx: Context) => string;
  https: boolean;
  log: Log;
  problemPage: ErrorPage;
};

/** Each handler is a koa of its own that answers, with all our headers, or hands the request on as it came, cookies apart. */
export function createExpressDoor(deps: Deps): ExpressDoor {
  const { log, https, problemPage: errorPage } = deps;
  const visits = new WeakMap<IncomingMessage, Context>();
  const quietly = log.child({}, { level: 'warn' }); // the first has already logged the request

  return {
    session: handler(log, deps.session, deps.routes),
    required: handler(quietly, deps.required),
    silent: handler(quietly, deps.silent),
    protect: handler(quietly, deps.protect),
    stepUp: (need) => handler(quietly, deps.stepUp(need)),
    visit(req) {
      const ctx = visits.get(req);
      if (!ctx) throw new Error('the handler `session` comes first');
      return {
        session: ctx.state['session'] as AppSession | undefined,
        get csrf() {
          return deps.token(ctx);
        },
      };
    },
  };

  function handler(requestLog: Log, ...middleware: Middleware[]): Handler {
    const koa = createKoa({ log: requestLog, trustedHops: 0, https, errorPage });
    const waiting = new WeakMap<IncomingMessage, () => void>();
    koa.use((ctx, next) => {
      const visit = visits.get(ctx.req);
      if (visit) ctx.state = visit.state;
      else visits.set(ctx.req, ctx);
      if ('body' in ctx.req) ctx.request.body = ctx.req.body;
      return next();
    });
    for (const each of middleware) koa.use(each);
    koa.use((ctx) => {
      ctx.respond = false;
      waiting.get(ctx.req)?.();
    });
    const handle = koa.callback();
    return (req, res, next) => {
      const before = res.getHeaders();
      waiting.set(req, () => {
        res.statusCode = 200;
        for (const name of res.getHeaderNames()) {
          const value = before[name];
          if (name === 'set-cookie') continue;
          if (value === undefined) res.removeHeader(name);
          else res.setHeader(name, value);
        }
        next();
      });
      void handle(req, res);
    };
  }
}
