import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { applyClients, ClientDeclarations } from '#clients/service.ts';
import { Refusal } from './failure.ts';
import { say } from './output.ts';
import { openDatabase } from './database.ts';

export function addTo(program: Command): void {
  program
    .command('clients')
    .description('registered applications')
    .command('apply')
    .description('make the clients of a JSON file be as declared there; others stay as they are')
    .argument('<file>')
    .action(async (file: string) => {
      const { clients } = ClientDeclarations.parse(await readJson(file));
      await using database = await openDatabase();
      await applyClients(database.em, clients, process.env);
      say(`Applied: ${clients.map(({ id }) => id).join(', ')}.`);
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
