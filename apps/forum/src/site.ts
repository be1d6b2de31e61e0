import type { Pool } from 'pg';
import type { Log } from '@portcullis/http';
import { createFamilySite, type Health, type RelyingParty } from '@portcullis/relying-party';
import type { Verifier } from '@portcullis/resource-server';
import { assets } from '@portcullis/ui';
import { createListings } from '#api/listings.ts';
import { forumApi } from '#api/routes.ts';
import { createCategories } from '#categories/categories.ts';
import { categoryRoutes } from '#categories/routes.ts';
import { createModeration } from '#moderation/moderation.ts';
import { moderationRoutes } from '#moderation/routes.ts';
import { createProblemPage } from '#pages/problem.ts';
import { createShow } from '#pages/show.ts';
import { threadRoutes } from '#threads/routes.ts';
import { createThreads } from '#threads/threads.ts';
import type { Config } from './config.ts';

type Deps = {
  config: Pick<Config, 'cookieKeys' | 'https' | 'trustedHops' | 'family'>;
  log: Log;
  pool: Pool;
  health: Health;
  verifier: Pick<Verifier, 'verify'>;
  rp: Pick<RelyingParty, 'routes' | 'session' | 'required' | 'csrf'>;
};

/** Everything the forum answers, over things that are already open. */
export function createSite({ config, log, pool, health, verifier, rp }: Deps) {
  const categories = createCategories({ pool });
  const threads = createThreads({ pool });
  const show = createShow({ rp, family: config.family });

  return createFamilySite({
    config,
    log,
    errorPage: createProblemPage(),
    rp,
    open: [
      assets(),
      health({ database: () => pool.query('select 1') }),
      forumApi({ listings: createListings({ pool }), verifier }),
    ],
    pages: [
      categoryRoutes({ categories, threads, show }),
      threadRoutes({ categories, threads, show, rp }),
      moderationRoutes({ moderation: createModeration({ pool }), threads, rp }),
    ],
  });
}
