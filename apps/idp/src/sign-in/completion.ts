import type { EntityManager } from '@mikro-orm/postgresql';
import type { Context } from 'koa';
import type { Accounts } from '#accounts/service.ts';
import type { Devices } from '#devices/service.ts';
import type { Interactions } from '#protocol/interactions.ts';
import type { FamiliarBrowsers } from '#rate-limit/familiar-browsers.ts';
import { acrOf, amrOf, satisfies } from './assurance.ts';
import type { Known } from './door.ts';
import type { KnownAccounts } from './known-accounts.ts';
import type { ProgressStore } from './progress.ts';

type Deps = {
  interactions: Pick<Interactions, 'signIn'>;
  accounts: Pick<Accounts, 'completed'>;
  devices: Pick<Devices, 'seen'>;
  progress: Pick<ProgressStore, 'end'>;
  knownAccounts: Pick<KnownAccounts, 'remember'>;
  familiarBrowsers: FamiliarBrowsers;
  now: () => Date;
};
export type Complete = ReturnType<typeof createCompletion>;

/** The end of a sign-in that has shown all that was demanded of it: back to where the request came from. */
export function createCompletion(deps: Deps) {
  const { interactions, accounts, devices, progress, knownAccounts, familiarBrowsers, now } = deps;
  return async (ctx: Context, em: EntityManager, { waiting, attempt, person, session }: Known): Promise<void> => {
    const { proofs, since, remember, carriedFrom } = attempt;
    const acr = acrOf(proofs);
    if (!acr) throw new Error('a sign-in without proof cannot be complete');
    const { id: clientId, name: clientName } = waiting.client;
    const amr = amrOf(proofs);
    const browser = familiarBrowsers.of(ctx, person);
    const factorShown = satisfies(acr, 'urn:portcullis:acr:email-code');
    await Promise.all([
      accounts.completed({ person, address: ctx.ip, browser, clientId, factorShown, acr, amr }),
      devices.seen(ctx, em, { accountId: person.id, clientName, at: now() }),
      progress.end(waiting.uid),
    ]);
    familiarBrowsers.remember(ctx, person, { factorShown });
    if (remember && carriedFrom === undefined) knownAccounts.remember(ctx, person.id);
    // A password of long ago stays one of long ago, whatever factor was added to it.
    const authenticatedAt = carriedFrom === undefined ? now() : (session?.authenticatedAt ?? since);
    await interactions.signIn(ctx, { accountId: person.id, checkedAt: since, authenticatedAt, amr, acr, remember });
  };
}
