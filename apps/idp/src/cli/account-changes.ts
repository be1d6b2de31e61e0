import type { EntityManager } from '@mikro-orm/postgresql';
import type { Command } from 'commander';
import type { AccountChanges } from '#accounts/changes.ts';
import type { Account } from '#accounts/entity.ts';
import type { Delivery } from '#revocations/service.ts';
import { findAccount } from './account.ts';
import { passwordRefusals } from './account-creation.ts';
import { confirm } from './confirmation.ts';
import { actor } from './database.ts';
import { Refusal } from './failure.ts';
import { openAccountChanges, openLedger } from './ledger.ts';
import { say, sayDelivery } from './output.ts';
import { readPassword } from './password.ts';

type Outcome = { ok: true; delivery: Delivery } | { ok: false; reason: keyof typeof refusals };
type Act = { accountId: string; actor: string };

const refusals = {
  not_found: 'is gone: somebody else was quicker.',
  last_admin: 'is the last administrator who can sign in. Make another one first: portcullis admin create.',
  not_disabled: 'is not switched off.',
  not_entitled: 'may not be changed.',
  ...passwordRefusals,
};

/** What is done to one account; each cuts off what must not go on, at once. */
export function addChangesTo(accounts: Command): void {
  accounts
    .command('disable')
    .description('switch an account off until `accounts enable`: nobody signs in, sessions and tokens end')
    .argument('<email>')
    .action((email: string) =>
      change(
        email,
        (changes, em, act) => changes.disable(em, act),
        (to) => `${to.email} is switched off.`,
      ),
    );

  accounts
    .command('enable')
    .description('switch it on again; sessions and tokens from before stay dead')
    .argument('<email>')
    .action((email: string) =>
      change(
        email,
        (changes, em, act) => changes.enable(em, act),
        (to) => `${to.email} may sign in again.`,
      ),
    );

  accounts
    .command('roles')
    .description('make these be the roles; nobody is signed out, applications learn of it with their next token')
    .argument('<email>')
    .argument('[roles...]', 'all of them; none takes every role away')
    .action((email: string, roles: string[]) =>
      change(
        email,
        (changes, em, act) => changes.setRoles(em, { ...act, roles }),
        (to) => `${to.email} has ${roles.length ? `the roles ${roles.join(', ')}` : 'no role'}.`,
      ),
    );

  accounts
    .command('password')
    .description('set a new password, asked for or read from standard input; every session of the account ends')
    .argument('<email>')
    .action((email: string) =>
      change(
        email,
        async (changes, em, act) => changes.changePassword(em, { ...act, password: await readPassword() }),
        (to) => `${to.email} has a new password and is signed out everywhere.`,
      ),
    );

  accounts
    .command('delete')
    .description('delete an account for good, with its sessions and tokens; the audit log keeps its bare id')
    .argument('<email>')
    .option('--yes', 'without asking')
    .action((email: string, { yes = false }: { yes?: boolean }) =>
      change(
        email,
        async (changes, em, act) => {
          await confirm(`${email} will be deleted and cannot be brought back.`, yes);
          return changes.remove(em, act);
        },
        () => `${email} is deleted.`,
      ),
    );
}

async function change(
  email: string,
  act: (changes: AccountChanges, em: EntityManager, who: Act) => Promise<Outcome>,
  done: (account: Account) => string,
): Promise<void> {
  await using open = await openLedger();
  const account = await findAccount(open.em, email);
  const changes = openAccountChanges(open);
  const outcome = await act(changes, open.em, { accountId: account.id, actor: actor() });
  if (!outcome.ok) throw new Refusal(`${account.email} ${refusals[outcome.reason]}`);
  say(done(account));
  sayDelivery(outcome.delivery);
}
