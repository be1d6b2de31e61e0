import type { Command } from 'commander';
import { findAccount } from './account.ts';
import { Refusal } from './failure.ts';
import { say, sayDelivery } from './output.ts';
import { actor } from './database.ts';
import { openLedger } from './ledger.ts';

export function addTo(program: Command): void {
  program
    .command('unban')
    .description('lift every ban of an account; tokens from before stay dead')
    .argument('<email>')
    .action(async (email: string) => {
      await using open = await openLedger();
      const account = await findAccount(open.em, email);
      const result = await open.bans.lift(open.em, { accountId: account.id, actor: actor() });
      if (!result.ok) throw new Refusal(`${account.email} is not banned.`);
      say(`${account.email} may sign in again.`);
      sayDelivery(result.delivery);
    });
}
