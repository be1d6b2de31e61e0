import Router from '@koa/router';
import { ADMIN_ACR_VALUES } from '@portcullis/contracts';
import type { Log } from '@portcullis/http';
import { createFamilySite, type Health, type RelyingParty } from '@portcullis/relying-party';
import { assets } from '@portcullis/ui';
import { accountActs } from '#account/acts.ts';
import { rolesRoutes } from '#account/roles.ts';
import { accountRoutes } from '#account/routes.ts';
import { accountsRoutes } from '#accounts/routes.ts';
import { createAdminApi } from '#admin-api/admin-api.ts';
import { applicationsRoutes } from '#applications/routes.ts';
import { auditRoutes } from '#audit/routes.ts';
import { banDialog } from '#bans/dialog.ts';
import { bansRoutes } from '#bans/routes.ts';
import { everyoneRoutes } from '#everyone/routes.ts';
import { overviewRoutes } from '#overview/routes.ts';
import { createConfirmed } from '#pages/confirm.ts';
import { createDrafts } from '#pages/drafts.ts';
import { operatorOf, operatorsOnly } from '#pages/operator.ts';
import { createProblemPage } from '#pages/problem.ts';
import { problems } from '#pages/problems.ts';
import { createShow } from '#pages/show.ts';
import { typedIsKept } from '#pages/timed-out.ts';
import { scripts } from '#pages/views.ts';
import { webhooksRoutes } from '#webhooks/routes.ts';
import type { Config } from './config.ts';

type Deps = {
  config: Pick<Config, 'cookieKeys' | 'https' | 'trustedHops' | 'issuer' | 'family'>;
  log: Log;
  health: Health;
  rp: Pick<RelyingParty, 'routes' | 'session' | 'required' | 'csrf' | 'stepUp' | 'timedOut'>;
};

/** Everything the console answers. It stores nothing: all it shows and does goes through the admin API, as the person who is signed in. */
export function createSite({ config, log, health, rp }: Deps) {
  const { https, family, issuer } = config;
  const show = createShow({ rp, family });
  const drafts = createDrafts({ https });
  const operator = operatorOf(createAdminApi({ issuer, log }));
  const confirmed = createConfirmed({ show, rp, drafts });

  const pages = new Router();
  pages.use(
    problems({ show, drafts }),
    typedIsKept({ rp, drafts }),
    rp.required,
    rp.stepUp({ acrValues: ADMIN_ACR_VALUES }),
    operatorsOnly,
  );
  for (const router of [
    overviewRoutes({ operator, show }),
    accountsRoutes({ operator, show }),
    accountRoutes({ operator, show }),
    accountActs({ operator, confirmed }),
    rolesRoutes({ operator, show, rp, drafts }),
    banDialog({ operator, show, rp, drafts }),
    bansRoutes({ operator, show }),
    auditRoutes({ operator, show }),
    applicationsRoutes({ operator, show, confirmed }),
    webhooksRoutes({ operator, show, rp, drafts, confirmed }),
    everyoneRoutes({ operator, show, rp, drafts }),
  ]) {
    pages.use(router.routes());
  }
  return createFamilySite({
    config,
    log,
    errorPage: createProblemPage(),
    rp,
    open: [assets({ extra: scripts }), health()],
    pages: [pages],
  });
}
