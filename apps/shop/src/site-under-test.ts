import Router from '@koa/router';
import type { Context } from 'koa';
import { Secret } from '@portcullis/config';
import { createCsrf, createLog, healthRoutes, listen } from '@portcullis/http';
import type { AppSession, Health } from '@portcullis/relying-party';
import { createVisitor, freshDatabase, openDoor, type TestPerson, type Visitor } from '@portcullis/testing';
import { openDatabase } from '#database/pool.ts';
import { createSite } from './site.ts';

export type SiteUnderTest = {
  /** `language`: what the browser asks for. */
  visitor(person?: TestPerson, language?: string): Visitor;
  api(path: string, person?: TestPerson): Promise<{ status: number; body: unknown }>;
} & AsyncDisposable;

const key = new Secret('a key for tests that is long enough.');
const csrf = createCsrf({
  key,
  origin: 'http://localhost',
  cookie: { name: 'shop_browser', secure: false },
  sessionOf,
});
const health: Health = (ready = {}) => healthRoutes({ ready });
const rp = { routes: () => new Router(), session: openDoor.session, required: openDoor.required, csrf };

/** The shop on a real database and port, with its doors held open. */
export async function startSite(): Promise<SiteUnderTest> {
  await using resources = new AsyncDisposableStack();
  const database = resources.use(await freshDatabase());
  const pool = resources.adopt(await openDatabase(database.url), (p) => p.end());
  const family = { forum: 'http://forum.test', dashboard: 'http://dashboard.test' };
  const log = createLog({ name: 'shop', level: 'silent' });
  const config = { cookieKeys: [key] satisfies [Secret], https: false, trustedHops: 0, family };
  const site = createSite({ config, log, pool, health, verifier: openDoor, rp });
  const server = resources.use(await listen(site, { port: 0, allowedHosts: ['localhost:0'] }));
  const owned = resources.move();
  return {
    visitor: (person, language = 'en') =>
      createVisitor(server.url, { ...(person && openDoor.headers(person)), 'accept-language': language }),
    api: async (path, person) => {
      const headers = { authorization: person ? `Bearer ${openDoor.accessToken(person)}` : '' };
      const response = await fetch(new URL(path, server.url), { headers });
      return { status: response.status, body: await response.json() };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function sessionOf(ctx: Context): string | undefined {
  return (ctx.state['session'] as AppSession | undefined)?.sub;
}
