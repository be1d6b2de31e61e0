import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { applyClients, ClientDeclarations } from '#clients/service.ts';
import { Refusal } from './failure.ts';
import { actor } from './database.ts';
import { openLedger } from './ledger.ts';
import { say, sayDelivery } from './output.ts';

export function addTo(program: Command): void {
  program
    .command('clients')
    .description('registered applications')
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
