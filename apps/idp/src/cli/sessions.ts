import type { Command } from 'commander';
import { findAccount } from './account.ts';
import { Refusal } from './failure.ts';
import { minute, say, sayDelivery, sayJson, sayTable } from './output.ts';
import { actor } from './database.ts';
import { openLedger } from './ledger.ts';

export function addTo(program: Command): void {
  const sessions = program.command('sessions').description("an account's sign-in sessions");

  sessions
    .command('list')
    .description('the live ones, with the applications that were entered')
    .argument('<email>')
    .option('--json', 'for programs')
    .action(async (email: string, { json }: { json?: boolean }) => {
      await using open = await openLedger();
      const found = await open.sessions.list((await findAccount(open.em, email)).id);
      if (json) return sayJson(found);
      sayTable(
        ['SESSION', 'CREATED', 'LAST USED', 'EXPIRES', 'APPLICATIONS'],
        found.map((session) => [
          session.id,
          minute(session.createdAt),
          minute(session.lastUsedAt),
          minute(session.expiresAt),
          session.applications.join(', '),
        ]),
        `${email} is not signed in anywhere.`,
      );
    });

  sessions
    .command('end')
    .description('sign out of every application that was entered with the session; its tokens are refused from now on')
    .argument('<email>')
    .option('--id <session>', 'one, as `sessions list` names it')
    .option('--all', 'every one')
    .action(async (email: string, { id, all }: { id?: string; all?: boolean }) => {
      if ((id === undefined) === !all)
        throw new Refusal('Say which: --all, or --id with a session of `sessions list`.');
      await using open = await openLedger();
      const account = await findAccount(open.em, email);
      const ending = { cause: 'session_ended', actor: actor() } as const;
      if (id === undefined) {
        const { ended, delivery } = await open.sessions.endAll(open.em, { accountId: account.id, ...ending });
        say(`Ended ${ended} session${ended === 1 ? '' : 's'} of ${account.email}.`);
        return sayDelivery(delivery);
      }
      const own = await open.sessions.list(account.id);
      if (!own.some((session) => session.id === id)) throw new Refusal(`${account.email} has no session ${id}.`);
      const delivery = await open.sessions.end(open.em, { uid: id, ...ending });
      say(`Ended session ${id} of ${account.email}.`);
      sayDelivery(delivery);
    });
}
