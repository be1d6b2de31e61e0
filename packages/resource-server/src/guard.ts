import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';
import { decide, type Decision, type Need, type Refusal } from './decision.ts';
import type { AccessToken } from './token.ts';
import type { Verifier } from './verifier.ts';

/** The door of an API, in the form the framework wants. `need` is asked of every request beside a good token. */
export type Guard = {
  /** The token of a request that passed is at `ctx.state.token`. */
  koa(need?: Need): Middleware;
  /** For Express, Connect, or node:http by hand; the token of a request that passed: `tokenOf(req)`. */
  express(need?: Need): (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
  /** For fetch handlers (Hono, Bun, Deno, workers, route handlers). */
  fetch(handler: FetchHandler, need?: Need): (request: Request) => Promise<Response>;
  /** The decision itself, for whatever else there is. */
  decide(request: { authorization: string | null | undefined; reading: boolean }, need?: Need): Promise<Decision>;
};

export type FetchHandler = (request: Request, token: AccessToken) => Response | Promise<Response>;

const tokens = new WeakMap<IncomingMessage, AccessToken>();

/** The access token that let this request through `express()`. Throws on a route that nothing guards. */
export function tokenOf(req: IncomingMessage): AccessToken {
  const token = tokens.get(req);
  if (!token) throw new Error('this route has no guard');
  return token;
}

/** `realm` is what challenges call the API, say its audience. */
export function createGuard(verifier: Pick<Verifier, 'verify'>, { realm = 'api' } = {}): Guard {
  return {
    decide: (request, need = {}) => decide(verifier, request, { need, realm }),

    koa:
      (need = {}) =>
      async (ctx, next) => {
        const request = { authorization: ctx.get('Authorization'), reading: isReading(ctx.method) };
        const decision = await decide(verifier, request, { need, realm });
        if (decision.ok) {
          ctx.state['token'] = decision.token;
          return next();
        }
        ctx.status = decision.status;
        ctx.set(decision.headers);
        ctx.body = decision.body;
      },

    express:
      (need = {}) =>
      (req, res, next) => {
        const request = { authorization: req.headers.authorization, reading: isReading(req.method) };
        decide(verifier, request, { need, realm }).then((decision) => {
          if (!decision.ok) return answer(res, decision);
          tokens.set(req, decision.token);
          return next();
        }, next);
      },

    fetch:
      (handler, need = {}) =>
      async (request) => {
        const asked = { authorization: request.headers.get('Authorization'), reading: isReading(request.method) };
        const decision = await decide(verifier, asked, { need, realm });
        if (decision.ok) return handler(request, decision.token);
        return Response.json(decision.body, { status: decision.status, headers: decision.headers });
      },
  };
}

function isReading(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD';
}

function answer(res: ServerResponse, { status, headers, body }: Refusal): void {
  res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}
