import type Router from '@koa/router';
import type Koa from 'koa';
import { createKoa, type Log, type ErrorPage } from '@portcullis/http';
import type { RelyingParty } from './relying-party.ts';
import type { Settings } from './settings.ts';

/**
 * The koa of an application of the family. `open` is answered first and knows no session: assets, health, APIs with
 * tokens. Then come the session, sign-in and sign-out, and `pages`, which find the person at `ctx.state.session`.
 */
export function createFamilySite(o: {
  config: Pick<Settings, 'cookieKeys' | 'https' | 'trustedHops'>;
  log: Log;
  errorPage: ErrorPage;
  rp: Pick<RelyingParty, 'session' | 'routes'>;
  open: Router[];
  pages: Router[];
}): Koa {
  const { https, trustedHops, cookieKeys } = o.config;
  const koa = createKoa({ log: o.log, trustedHops, keys: cookieKeys, https, errorPage: o.errorPage });
  for (const router of o.open) koa.use(router.routes());
  koa.use(o.rp.session);
  for (const router of [o.rp.routes(), ...o.pages]) koa.use(router.routes());
  return koa;
}
