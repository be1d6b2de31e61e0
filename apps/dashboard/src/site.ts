import { createKoa, healthRoutes, type Log } from '@portcullis/http';
import type { RelyingParty } from '@portcullis/relying-party';
import type { Mirror } from '@portcullis/revocation';
import { assets, errorPage } from '@portcullis/ui';
import { chartAssets } from '#overview/chart-assets.ts';
import { overviewRoutes } from '#overview/routes.ts';
import { createShow } from '#pages/show.ts';
import { createSources } from '#sources/sources.ts';
import type { Config } from './config.ts';

type Deps = {
  config: Pick<Config, 'cookieKeys' | 'https' | 'trustedHops' | 'family'>;
  log: Log;
  mirror: Pick<Mirror, 'ready' | 'status'>;
  rp: Pick<RelyingParty, 'routes' | 'session' | 'csrf'>;
};

/** Everything the dashboard answers. It stores nothing: its figures are asked of the shop and the forum for every page. */
export function createSite({ config, log, mirror, rp }: Deps) {
  const { https, trustedHops, cookieKeys, family } = config;
  const sources = createSources({ family, log });

  const koa = createKoa({ log, trustedHops, keys: cookieKeys, https, errorPage: errorPage('Dashboard', 'dashboard') });
  koa.use(assets({ extra: chartAssets }).routes());
  koa.use(
    healthRoutes({
      ready: { mirror: () => mirror.ready() },
      details: () => ({ mirror: mirror.status() }),
    }).routes(),
  );

  koa.use(rp.session);
  koa.use(rp.routes().routes());
  koa.use(overviewRoutes({ sources, show: createShow({ rp, family }), family }).routes());
  return koa;
}
