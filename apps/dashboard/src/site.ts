import type { Log } from '@portcullis/http';
import { createFamilySite, type Health, type RelyingParty } from '@portcullis/relying-party';
import { assets } from '@portcullis/ui';
import { chartAssets } from '#overview/chart-assets.ts';
import { overviewRoutes } from '#overview/routes.ts';
import { createProblemPage } from '#pages/problem.ts';
import { createShow } from '#pages/show.ts';
import { createSources } from '#sources/sources.ts';
import type { Config } from './config.ts';

type Deps = {
  config: Pick<Config, 'cookieKeys' | 'https' | 'trustedHops' | 'family'>;
  log: Log;
  health: Health;
  rp: Pick<RelyingParty, 'routes' | 'session' | 'csrf'>;
};

/** Everything the dashboard answers. It stores nothing: its figures are asked of the shop and the forum for every page. */
export function createSite({ config, log, health, rp }: Deps) {
  const { family } = config;
  const sources = createSources({ family, log });
  const show = createShow({ rp, family });
  return createFamilySite({
    config,
    log,
    errorPage: createProblemPage(),
    rp,
    open: [assets({ extra: chartAssets }), health()],
    pages: [overviewRoutes({ sources, show, family })],
  });
}
