import { z } from 'zod';
import type { AccountLookup } from '#accounts/lookup.ts';
import type { Interactions } from '#protocol/interactions.ts';
import type { Door, Handler } from './door.ts';
import type { KnownAccounts } from './known-accounts.ts';
import type { ProgressStore } from './progress.ts';
import { chooseAccountView } from './views.ts';

type Deps = {
  door: Door;
  interactions: Pick<Interactions, 'goOn' | 'switchTo' | 'alsoSignedIn'>;
  lookup: Pick<AccountLookup, 'forTokens'>;
  knownAccounts: KnownAccounts;
  progress: Pick<ProgressStore, 'choose'>;
};
type Call = Parameters<Handler>;

const Fields = z.object({ account: z.string().min(1) });

/**
 * Which of the accounts that this browser knows: one that is signed in goes on, or takes the place of the one that is
 * current; any other has to show who it is.
 */
export function createAccountChoice({ door, interactions, lookup, knownAccounts, progress }: Deps) {
  return { page, choose, forget };

  async function page(...[ctx, , here]: Call): Promise<void> {
    const choices = await accountsAt(ctx, here);
    door.show(ctx, 200, 'choose-account', chooseAccountView(door.flowOf(ctx, here), choices));
  }

  async function choose(...[ctx, em, here]: Call): Promise<void> {
    const chosen = Fields.safeParse(ctx.request.body).data?.account;
    if (chosen === undefined) return door.lead(ctx, em, here);
    if (chosen === here.session?.accountId) return interactions.goOn(ctx);
    if (await interactions.switchTo(ctx, chosen)) return;
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

  /** The one that the request is for, the current one, those in the background, and those that are only remembered. */
  async function accountsAt(ctx: Call[0], { session, waiting }: Call[2]) {
    const others = (await interactions.alsoSignedIn(ctx)).map(({ accountId }) => accountId);
    const signedIn = session ? [session.accountId, ...others] : others;
    const remembered = knownAccounts.list(ctx);
    const hinted = signedIn.filter((id) => id === waiting.hinted);
    const ids = new Set([...hinted, ...signedIn, ...remembered]);
    const accounts = await Promise.all([...ids].map((id) => lookup.forTokens(id)));
    return accounts
      .filter((account) => account !== undefined)
      .map(({ id, name, email }) => {
        const isSignedIn = signedIn.includes(id);
        const [forgettable, preselected] = [!isSignedIn && remembered.includes(id), hinted.includes(id)];
        return { id, name, email, signedIn: isSignedIn, preselected, forgettable };
      });
  }
}
