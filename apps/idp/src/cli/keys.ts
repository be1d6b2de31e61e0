import { parseEnv, secret } from '@portcullis/config';
import type { Command } from 'commander';
import { createSealer } from '#signing-keys/sealed.ts';
import { createSigningKeys } from '#signing-keys/service.ts';
import { minute, say, sayJson, sayTable } from './output.ts';
import { openDatabase } from './database.ts';

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
}

async function openSigningKeys() {
  const { ENCRYPTION_KEY } = parseEnv({ ENCRYPTION_KEY: secret(32) }, process.env);
  const keys = createSigningKeys({ sealer: createSealer(ENCRYPTION_KEY) });
  return { ...(await openDatabase()), keys };
}
