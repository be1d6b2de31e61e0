import { z } from 'zod';
import type { AccountLookup } from '#accounts/lookup.ts';
import type { Interactions } from '#protocol/interactions.ts';
import type { Door, Handler } from './door.ts';
import type { KnownAccounts } from './known-accounts.ts';
import type { ProgressStore } from './progress.ts';
import { chooseAccountView } from './views.ts';

type Deps = {
  door: Door;
  interactions: Pick<Interactions, 'goOn'>;
  lookup: Pick<AccountLookup, 'forTokens'>;
  knownAccounts: KnownAccounts;
  progress: Pick<ProgressStore, 'choose'>;
};
type Call = Parameters<Handler>;

const Fields = z.object({ account: z.string().min(1) });

/** Which of the accounts that this browser knows: the one that is signed in goes on, any other has to show who it is. */
export function createAccountChoice({ door, interactions, lookup, knownAccounts, progress }: Deps) {
  return { page, choose, forget };

  async function page(...[ctx, , here]: Call): Promise<void> {
    const present = here.session?.accountId;
    const accounts = await accountsAt(ctx, here);
    const choices = accounts.map(({ id, name, email }) => ({ id, name, email, present: id === present }));
    door.show(ctx, 200, 'choose-account', chooseAccountView(door.flowOf(ctx, here), choices, knownAccounts.list(ctx)));
  }

  async function choose(...[ctx, em, here]: Call): Promise<void> {
    const chosen = Fields.safeParse(ctx.request.body).data?.account;
    if (chosen === undefined) return door.lead(ctx, em, here);
    if (chosen === here.session?.accountId) return interactions.goOn(ctx);
    const account = (await accountsAt(ctx, here)).find(({ id }) => id === chosen);
    const email = account?.email ?? '';
    await progress.choose(here.waiting.uid, email);
    await door.onward(ctx, em, { ...here, progress: { chosen: email } });
  }

  async function forget(...[ctx, em, here]: Call): Promise<void> {
    const account = Fields.safeParse(ctx.request.body).data?.account;
    if (account !== undefined) knownAccounts.forget(ctx, account);
    await door.lead(ctx, em, here);
  }

  async function accountsAt(ctx: Call[0], { session }: Call[2]) {
    const ids = new Set([...(session ? [session.accountId] : []), ...knownAccounts.list(ctx)]);
    const accounts = await Promise.all([...ids].map((id) => lookup.forTokens(id)));
    return accounts.filter((account) => account !== undefined);
  }
}
