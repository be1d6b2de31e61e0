import { AppError } from '@portcullis/http';
import type { Command } from 'commander';
import { creationRefusals } from './account.ts';
import { say } from './output.ts';
import { actor, openAccounts } from './services.ts';

const password = 'open-the-gate-please';
const people = [
  { email: 'alice@example.com', name: 'Alice Archer', roles: [] },
  { email: 'bob@example.com', name: 'Bob Baker', roles: [] },
  { email: 'mara@example.com', name: 'Mara Marsh', roles: ['analyst', 'moderator'] },
  { email: 'admin@example.com', name: 'Ada Admin', roles: ['admin'] },
];

export function addSeed(program: Command): void {
  program
    .command('seed')
    .description('create the demo accounts, all with one public password; those that exist stay as they are')
    .option('--force', 'even with NODE_ENV=production')
    .action(async ({ force }: { force?: boolean }) => {
      if (process.env['NODE_ENV'] === 'production' && !force)
        throw new AppError(
          'forbidden',
          'demo_in_production',
          'NODE_ENV is production, and anybody knows the demo password. Nothing was done; --force does it all the same.',
        );
      await using accounts = await openAccounts();
      for (const person of people) {
        const made = await accounts.create(accounts.orm.em.fork(), {
          ...person,
          password,
          emailVerified: true,
          actor: actor(),
        });
        say(`${person.email} ${made.ok ? 'created' : creationRefusals[made.reason]}`);
      }
    });
}
