import type { Context } from 'koa';
import type { AppSession } from '@portcullis/relying-party';

/** Who is signed in, on a route that `rp.required` guards. */
export function personOf(ctx: Context): AppSession {
  const session = ctx.state['session'] as AppSession | undefined;
  if (!session) throw new Error('a page for signed-in people is not guarded by rp.required');
  return session;
}
