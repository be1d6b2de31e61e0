import type { Pool } from 'pg';
import { createKoa, healthRoutes, type Log } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import type { Verifier } from '@portcullis/resource-server';
import type { Mirror } from '@portcullis/revocation';
import { assets, errorPage } from '@portcullis/ui';
import { createListings } from '#api/listings.ts';
import { forumApi } from '#api/routes.ts';
import { createCategories } from '#categories/categories.ts';
import { categoryRoutes } from '#categories/routes.ts';
import { createModeration } from '#moderation/moderation.ts';
import { moderationRoutes } from '#moderation/routes.ts';
import { createShow } from '#pages/show.ts';
import { threadRoutes } from '#threads/routes.ts';
import { createThreads } from '#threads/threads.ts';
import type { Config } from './config.ts';

type Deps = {
  config: Pick<Config, 'cookieKeys' | 'https' | 'trustedHops' | 'family'>;
  log: Log;
  pool: Pool;
  mirror: Pick<Mirror, 'ready' | 'status'>;
  verifier: Pick<Verifier, 'verify'>;
  rp: Pick<RelyingParty, 'routes' | 'session' | 'required' | 'csrf'>;
};

/** Everything the forum answers, over things that are already open. */
export function createSite({ config, log, pool, mirror, verifier, rp }: Deps) {
  const { https, trustedHops, cookieKeys } = config;
  const categories = createCategories({ pool });
  const threads = createThreads({ pool });
  const show = createShow({ rp, family: config.family });

  const koa = createKoa({ log, trustedHops, keys: cookieKeys, https, errorPage: errorPage('Forum', 'forum') });
  koa.use(assets().routes());
  koa.use(
    healthRoutes({
      ready: { mirror: () => mirror.ready(), database: () => pool.query('select 1') },
      details: () => ({ mirror: mirror.status() }),
    }).routes(),
  );
  koa.use(forumApi({ listings: createListings({ pool }), verifier }).routes());

  koa.use(rp.session);
  koa.use(rp.routes().routes());
  koa.use(categoryRoutes({ categories, threads, show }).routes());
  koa.use(threadRoutes({ categories, threads, show, rp }).routes());
  koa.use(moderationRoutes({ moderation: createModeration({ pool }), threads, rp }).routes());
  return koa;
}
