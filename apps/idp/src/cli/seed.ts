import type { Command } from 'commander';
import { creationRefusals, openAccountCreation } from './account-creation.ts';
import { actor } from './database.ts';
import { demoAccounts, demoPassword, mayHoldDemo } from './demo.ts';
import { Refusal } from './failure.ts';
import { say } from './output.ts';

export function addTo(program: Command): void {
  program
    .command('seed')
    .description('create the demo accounts, all with one public password; those that exist stay as they are')
    .option('--force', 'even with NODE_ENV=production')
    .action(async ({ force = false }: { force?: boolean }) => {
      if (!mayHoldDemo(force))
        throw new Refusal(
          'NODE_ENV is production, and anybody knows the demo password. Nothing was done; --force does it all the same.',
        );
      await using accounts = await openAccountCreation();
      const by = { password: demoPassword, emailVerified: true, actor: actor() };
      for (const person of demoAccounts) {
        const made = await accounts.create(accounts.orm.em.fork(), { ...person, ...by });
        say(`${person.email} ${made.ok ? 'created' : creationRefusals[made.reason]}`);
      }
    });
}
