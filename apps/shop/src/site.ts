import type { Pool } from 'pg';
import { createKoa, healthRoutes, type Log } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import type { Verifier } from '@portcullis/resource-server';
import type { Mirror } from '@portcullis/revocation';
import { assets, errorPage } from '@portcullis/ui';
import { orderApi } from '#api/routes.ts';
import { createBasketCookie } from '#basket/cookie.ts';
import { basketRoutes } from '#basket/routes.ts';
import { catalogueRoutes } from '#catalogue/routes.ts';
import { illustrations } from '#catalogue/illustrations.ts';
import { checkoutRoutes } from '#checkout/routes.ts';
import { createOrders } from '#orders/orders.ts';
import { orderRoutes } from '#orders/routes.ts';
import { createShow } from '#pages/show.ts';
import type { Config } from './config.ts';

type Deps = {
  config: Pick<Config, 'cookieKeys' | 'https' | 'trustedHops' | 'family'>;
  log: Log;
  pool: Pool;
  mirror: Pick<Mirror, 'ready' | 'status'>;
  verifier: Pick<Verifier, 'verify'>;
  rp: Pick<RelyingParty, 'routes' | 'session' | 'required' | 'csrf'>;
};

/** Everything the shop answers, over things that are already open. */
export function createSite({ config, log, pool, mirror, verifier, rp }: Deps) {
  const { https, trustedHops, cookieKeys } = config;
  const orders = createOrders({ pool });
  const basket = createBasketCookie({ https });
  const show = createShow({ rp, basket, family: config.family });

  const koa = createKoa({ log, trustedHops, keys: cookieKeys, https, errorPage: errorPage('Shop', 'shop') });
  koa.use(assets({ extra: illustrations }).routes());
  koa.use(
    healthRoutes({
      ready: { mirror: () => mirror.ready(), database: () => pool.query('select 1') },
      details: () => ({ mirror: mirror.status() }),
    }).routes(),
  );
  koa.use(orderApi({ orders, verifier }).routes());

  koa.use(rp.session);
  koa.use(rp.routes().routes());
  koa.use(catalogueRoutes({ show }).routes());
  koa.use(basketRoutes({ basket, show, rp }).routes());
  koa.use(checkoutRoutes({ basket, orders, show, rp }).routes());
  koa.use(orderRoutes({ orders, show, rp }).routes());
  return koa;
}
