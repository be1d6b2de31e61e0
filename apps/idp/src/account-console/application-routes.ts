import Router from '@koa/router';
import { z } from 'zod';
import { reachOf } from '#consent/asked.ts';
import type { Applications } from '#sessions/applications.ts';
import { accountClientId } from './client.ts';
import { type Door, fieldsOf, missing, redirect } from './door.ts';
import type { Notices } from './notices.ts';
import { initialOf } from './profile-routes.ts';
import type { Show } from './show.ts';

type Deps = { familyResource: string; door: Door; applications: Applications; show: Show; notices: Notices };
const Nothing = z.strictObject({});
const here = '/account/applications';

export function applicationRoutes({ familyResource, door, applications, show, notices }: Deps): Router {
  const router = new Router({ prefix: here });

  router.get(
    '/',
    door.page(async (ctx, _em, person) => {
      const entered = await applications.list(person.account.id);
      const others = entered.filter(({ clientId }) => clientId !== accountClientId);
      show(ctx, person, 'account-applications', 'account.applications_title', {
        view: {
          applications: others.map(
            ({ clientId, name, domain, firstParty, scopes, resources, firstUsedAt, lastUsedAt, sessions }) => ({
              clientId,
              name,
              initial: initialOf(name),
              domain: firstParty ? null : domain,
              scopes: [
                ...told
                  .filter((scope) => scopes.includes(scope))
                  .map((scope) => person.words.t(`account.scope_${scope}`)),
                ...resources.map((resource) => reachOf(resource, { locale: person.words.locale, familyResource })),
              ],
              since: firstUsedAt,
              lastUsed: lastUsedAt,
              sessions,
            }),
          ),
        },
      });
    }),
  );

  router.post(
    '/:clientId/withdraw',
    door.act(here, async (ctx, em, { account }) => {
      fieldsOf(ctx, Nothing);
      const clientId = String(ctx['params'].clientId);
      const { ok } = await applications.withdraw(em, { accountId: account.id, clientId, actor: account.id });
      if (!ok) throw missing();
      notices.leave(ctx, 'account.done_application_withdrawn');
      redirect(ctx, here);
    }),
  );

  return router;
}

/** Scopes that say something of the person; the others are between machines. */
const told = ['openid', 'profile', 'email', 'offline_access'] as const;
