import type { Command } from 'commander';
import { Refusal } from './failure.ts';
import { say } from './output.ts';
import { readPassword } from './password.ts';
import { creationRefusals, openAccountCreation } from './account-creation.ts';
import { actor } from './database.ts';

export function addTo(program: Command): void {
  program
    .command('admin')
    .description('administrators')
    .command('create')
    .description('make an account with the role admin; asks for the password, or reads a line from standard input')
    .argument('<email>')
    .option('--name <name>', 'how the person is called', 'Administrator')
    .action(async (email: string, { name }: { name: string }) => {
      await using accounts = await openAccountCreation();
      const password = await readPassword();
      const made = await accounts.create(accounts.em, {
        email,
        name,
        password,
        emailVerified: true,
        roles: ['admin'],
        actor: actor(),
      });
      if (!made.ok) throw new Refusal(`${email} ${creationRefusals[made.reason]}`);
      say(`${made.account.email} is an administrator.`);
    });
}
