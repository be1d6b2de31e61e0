import type { MikroORM } from '@mikro-orm/postgresql';
import Router from '@koa/router';
import type { Csrf } from '@portcullis/http';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { AccountChanges } from '#accounts/changes.ts';
import type { AccountLookup } from '#accounts/lookup.ts';
import { createAuditHistory } from '#audit/history.ts';
import type { AuditLog } from '#audit/service.ts';
import type { ClientDirectory } from '#clients/directory.ts';
import type { Config } from '#config.ts';
import type { UnitOfWork } from '#database/orm.ts';
import type { EmailChange } from '#email-change/service.ts';
import type { Composers, Post } from '#mail/post.ts';
import type { Passkeys } from '#passkeys/service.ts';
import type { Places } from '#places/service.ts';
import type { Interactions } from '#protocol/interactions.ts';
import { createFamiliarBrowsers } from '#rate-limit/familiar-browsers.ts';
import type { Ledger } from '#revocations/service.ts';
import type { RecoveryCodes } from '#second-factor/recovery-codes.ts';
import type { SecondFactors } from '#second-factor/service.ts';
import type { Totp } from '#second-factor/totp.ts';
import type { TrustedDevices } from '#second-factor/trusted-devices.ts';
import { createApplications } from '#sessions/applications.ts';
import type { Sessions } from '#sessions/service.ts';
import type { Pages } from '#views/index.ts';
import { applicationRoutes } from './application-routes.ts';
import { chooseAccountUrl, consolePath, signedInPath, switchPath } from './client.ts';
import { createPersonalData } from './data.ts';
import { dataRoutes } from './data-routes.ts';
import { createDeletions } from './deletions.ts';
import { startDeletions } from './deletions-due.ts';
import { deletionRoutes } from './deletion-routes.ts';
import { createDoor, fieldsOf, redirect } from './door.ts';
import { emailRoutes } from './email-routes.ts';
import { factorRoutes } from './factor-routes.ts';
import { deletionLetters } from './letters.ts';
import { createNotices } from './notices.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { createPictures } from './pictures.ts';
import { createProfiles } from './profile.ts';
import { profileRoutes } from './profile-routes.ts';
import { securityRoutes } from './security-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { createShow } from './show.ts';

type Deps = {
  config: Config;
  orm: MikroORM;
  pool: Pool;
  withEm: UnitOfWork;
  ledger: Ledger;
  sessions: Sessions;
  audit: AuditLog;
  lookup: AccountLookup;
  places: Places;
  clients: ClientDirectory;
  interactions: Interactions;
  csrf: Csrf;
  pages: Pages;
  changes: AccountChanges;
  post: Post;
  factors: {
    secondFactors: SecondFactors;
    totp: Totp;
    recoveryCodes: RecoveryCodes;
    trustedDevices: TrustedDevices;
  };
  passkeys: Passkeys;
  emailChange: EmailChange;
  onError: (error: unknown) => void;
  now: () => Date;
};

const Nothing = z.strictObject({});

/** The account console: everything of this folder, in dependency order. */
export function composeAccountConsole(deps: Deps) {
  const { config, orm, pool, withEm, ledger, sessions, audit, lookup, clients, interactions, csrf, pages } = deps;
  const { places, changes, post, factors, passkeys, emailChange, onError, now } = deps;
  const { secondFactors, totp, recoveryCodes, trustedDevices } = factors;
  const { render } = pages;
  const { https } = config.http;

  const familiarBrowsers = createFamiliarBrowsers({ https });
  const notices = createNotices({ https });
  const show = createShow({ render, csrf, notices });
  const door = createDoor({ issuer: config.issuer, interactions, lookup, secondFactors, csrf, show, withEm, now });
  const history = createAuditHistory(pool);
  const applications = createApplications({ pool, ledger });
  const nameOf = (clientId: string): string => clients.find(clientId)?.name ?? clientId;
  const { deletionGraceDays: graceDays } = config;
  const deletions = createDeletions({ ledger, changes, post, graceDays, now });
  const data = createPersonalData({ history, now });
  const letters: Composers = deletionLetters({ issuer: config.issuer, graceDays });

  const common = { door, show, notices };
  const factor = factorRoutes({ ...common, secondFactors, totp, recoveryCodes });
  const { showCodesOfFirstFactor } = factor;
  const routers = [
    frontDoor(),
    profileRoutes({ ...common, profiles: createProfiles({ now }), pictures: createPictures({ now }), withEm }),
    sessionRoutes({ ...common, sessions, places }),
    applicationRoutes({ ...common, familyResource: config.familyResource, applications }),
    dataRoutes({ ...common, product: config.brand.name, history, audit, data, graceDays, nameOf, places, now }),
    deletionRoutes({ ...common, deletions, csrf, render, withEm }),
    securityRoutes({ ...common, changes, secondFactors, trustedDevices, familiarBrowsers }),
    factor.router,
    passkeyRoutes({ ...common, passkeys, showCodesOfFirstFactor }),
    emailRoutes({ ...common, emailChange }),
  ];
  const removing = startDeletions({ deletions, orm, onError });
  return { routers, letters, [Symbol.asyncDispose]: () => removing[Symbol.asyncDispose]() };

  function frontDoor(): Router {
    const router = new Router();
    router.get(signedInPath, (ctx) => redirect(ctx, ctx.query['error'] ? '/' : consolePath(ctx.query['state'])));
    router.get(switchPath, (ctx) => redirect(ctx, chooseAccountUrl(config.issuer, consolePath(ctx.query['to']))));
    router.post(
      '/account/sign-out',
      door.act('/account', async (ctx, em, { account, session }) => {
        fieldsOf(ctx, Nothing);
        await sessions.end(em, { uid: session.uid, cause: 'sign_out', actor: account.id });
        redirect(ctx, '/');
      }),
    );
    return router;
  }
}
