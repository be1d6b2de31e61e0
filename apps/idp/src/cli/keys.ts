import { setTimeout as delay } from 'node:timers/promises';
import { parseEnv, secret } from '@portcullis/config';
import type { Command } from 'commander';
import { createSealer } from '#signing-keys/sealed.ts';
import { createSigningKeys } from '#signing-keys/service.ts';
import { confirm } from './confirmation.ts';
import { Refusal } from './failure.ts';
import { openLedger } from './ledger.ts';
import { minute, say, sayJson, sayTable } from './output.ts';
import { actor, openDatabase } from './database.ts';

export function addTo(program: Command): void {
  const keys = program.command('keys').description('keys that sign tokens');

  keys
    .command('list')
    .description('every key with its state: next, active, retiring, retired')
    .option('--json', 'for programs')
    .action(async ({ json }: { json?: boolean }) => {
      await using open = await openSigningKeys();
      const found = (await open.keys.list(open.em)).map(({ kid, alg, state, createdAt, stateChangedAt }) => ({
        kid,
        alg,
        state,
        createdAt,
        stateChangedAt,
      }));
      if (json) return sayJson(found);
      sayTable(
        ['KEY', 'ALGORITHM', 'STATE', 'SINCE', 'CREATED'],
        found.map((key) => [key.kid, key.alg, key.state, minute(key.stateChangedAt), minute(key.createdAt)]),
        'There is no key yet: the first node that starts makes them.',
      );
    });

  keys
    .command('rotate')
    .description('next signs, active verifies only, a new next is published; no restart, no failed verification')
    .option('--force', 'although verifiers may not know the next key yet (a key has leaked)')
    .action(async ({ force = false }: { force?: boolean }) => {
      await using open = await openSigningKeys();
      await open.keys.rotate(open.em, { force });
      say('Rotated. Every node signs with the new keys within a second.');
    });

  keys
    .command('remove')
    .description('a key has leaked: take it out at once; what it signed is refused everywhere within a minute')
    .argument('<kid>', 'as `keys list` shows it')
    .option('--yes', 'without asking')
    .action(async (kid: string, { yes = false }: { yes?: boolean }) => {
      await using ledger = await openLedger();
      const { em, publisher } = ledger;
      await confirm(`Everybody who holds a token signed with ${kid} needs a new one.`, yes);
      const result = await signingKeys().remove(em, { kid, actor: actor() });
      if (!result.ok)
        throw new Refusal(result.reason === 'retired' ? `${kid} is retired already.` : `There is no key ${kid}.`);
      await delay(nodesFollowWithinMs);
      const told = await publisher.keysChanged().then(
        () => true,
        () => false,
      );
      say(`Removed; ${result.signs} signs.`);
      say(
        told
          ? 'Applications were told to load the keys anew.'
          : 'Redis cannot be reached: applications load the keys anew within a minute.',
      );
    });
}

/** By then they publish the new set; whoever is told earlier might load the old one again. */
const nodesFollowWithinMs = 1500;

async function openSigningKeys() {
  const keys = signingKeys();
  return { ...(await openDatabase()), keys };
}

function signingKeys() {
  const { ENCRYPTION_KEY } = parseEnv({ ENCRYPTION_KEY: secret(32) }, process.env);
  return createSigningKeys({ sealer: createSealer(ENCRYPTION_KEY) });
}
