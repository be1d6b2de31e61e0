import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { createClientChanges } from '#clients/changes.ts';
import { applyClients, ClientDeclarations } from '#clients/service.ts';
import { Refusal } from './failure.ts';
import { actor } from './database.ts';
import { openLedger } from './ledger.ts';
import { say, sayDelivery } from './output.ts';

export function addTo(program: Command): void {
  const commands = program.command('clients').description('registered applications');

  commands
    .command('apply')
    .description('make the clients of a JSON file be as declared there; others stay as they are')
    .argument('<file>')
    .action(async (file: string) => {
      const { clients } = ClientDeclarations.parse(await readJson(file));
      await using open = await openLedger();
      const { em, ledger } = open;
      const secretRevoked = await applyClients(em, clients, { env: process.env, ledger, actor: actor() });
      say(`Applied: ${clients.map(({ id }) => id).join(', ')}.`);
      if (!secretRevoked.length) return;
      say(`A secret was revoked; tokens from before are refused: ${secretRevoked.join(', ')}.`);
      sayDelivery(await ledger.publish());
    });

  commands
    .command('disable')
    .description('switch an application off: nobody gets in by it, and what it has is dead')
    .argument('<id>')
    .action(async (clientId: string) => {
      await using open = await openLedger();
      const changes = createClientChanges(open);
      const result = await changes.disable(open.em, { clientId, actor: actor() });
      if (!result.ok) throw new Refusal(`There is no client ${clientId}.`);
      say(`${clientId} is switched off.`);
      sayDelivery(result.delivery);
    });

  commands
    .command('enable')
    .description('switch it on again; what it had before stays dead')
    .argument('<id>')
    .action(async (clientId: string) => {
      await using open = await openLedger();
      const changes = createClientChanges(open);
      const result = await changes.enable(open.em, { clientId, actor: actor() });
      if (!result.ok)
        throw new Refusal(
          result.reason === 'not_found' ? `There is no client ${clientId}.` : `${clientId} is not switched off.`,
        );
      say(`${clientId} is switched on again.`);
      sayDelivery(result.delivery);
    });
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new Refusal(`${file} cannot be read: ${cause.message}`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal(`${file} is not JSON: ${String(cause)}`, { cause });
  }
}
