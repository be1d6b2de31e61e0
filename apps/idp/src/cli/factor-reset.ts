import type { Command } from 'commander';
import { createFactorChanges } from '#second-factor/changes.ts';
import { findAccount } from './account.ts';
import { confirm } from './confirmation.ts';
import { actor } from './database.ts';
import { Refusal } from './failure.ts';
import { openLedger } from './ledger.ts';
import { say, sayDelivery } from './output.ts';

const refusals = { no_factors: 'has no second factor.', not_found: 'is gone: somebody else was quicker.' };

/** The way back in for people who have lost their second factor and the codes that stand in for it. */
export function addFactorResetTo(accounts: Command): void {
  accounts
    .command('reset-factors')
    .description(
      'remove authenticator app, passkeys and recovery codes of somebody who has lost them; every session ends',
    )
    .argument('<email>')
    .option('--yes', 'without asking')
    .action(async (email: string, { yes = false }: { yes?: boolean }) => {
      await using open = await openLedger();
      const account = await findAccount(open.em, email);
      await confirm(
        `${account.email} will be let in with the password alone; where it is too weak for that, a letter brings the link to a new one. Make sure that it is the owner who asks.`,
        yes,
      );
      const changes = createFactorChanges({ ...open, now: () => new Date() });
      const reset = await changes.reset(open.em, { accountId: account.id, actor: actor() });
      if (!reset.ok) throw new Refusal(`${account.email} ${refusals[reset.reason]}`);
      say(`${account.email} has no second factor any more and is signed out everywhere.`);
      sayDelivery(reset.delivery);
    });
}
