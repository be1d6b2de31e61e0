import type { Pool } from 'pg';
import type { Log } from '@portcullis/http';
import { createFamilySite, type Health, type RelyingParty } from '@portcullis/relying-party';
import type { Verifier } from '@portcullis/resource-server';
import { assets } from '@portcullis/ui';
import { orderApi } from '#api/routes.ts';
import { createBasketCookie } from '#basket/cookie.ts';
import { basketRoutes } from '#basket/routes.ts';
import { catalogueRoutes } from '#catalogue/routes.ts';
import { illustrations } from '#catalogue/illustrations.ts';
import { checkoutRoutes } from '#checkout/routes.ts';
import { createOrders } from '#orders/orders.ts';
import { orderRoutes } from '#orders/routes.ts';
import { createProblemPage } from '#pages/problem.ts';
import { createShow } from '#pages/show.ts';
import type { Config } from './config.ts';

type Deps = {
  config: Pick<Config, 'cookieKeys' | 'https' | 'trustedHops' | 'family'>;
  log: Log;
  pool: Pool;
  health: Health;
  verifier: Pick<Verifier, 'verify'>;
  rp: Pick<RelyingParty, 'routes' | 'session' | 'required' | 'csrf'>;
};

/** Everything the shop answers, over things that are already open. */
export function createSite({ config, log, pool, health, verifier, rp }: Deps) {
  const orders = createOrders({ pool });
  const basket = createBasketCookie({ https: config.https });
  const show = createShow({ rp, basket, family: config.family });

  return createFamilySite({
    config,
    log,
    errorPage: createProblemPage(),
    rp,
    open: [
      assets({ extra: illustrations }),
      health({ database: () => pool.query('select 1') }),
      orderApi({ orders, verifier }),
    ],
    pages: [
      catalogueRoutes({ show }),
      basketRoutes({ basket, show, rp }),
      checkoutRoutes({ basket, orders, show, rp }),
      orderRoutes({ orders, show, rp }),
    ],
  });
}
