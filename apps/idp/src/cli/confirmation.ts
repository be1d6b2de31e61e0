import { createInterface } from 'node:readline/promises';
import { Refusal } from './failure.ts';

/** Asks on a terminal; elsewhere only `--yes` will do. */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new Refusal(`${question} Say so with --yes. Nothing was done.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} Type yes: `);
    if (answer.trim().toLowerCase() !== 'yes') throw new Refusal('Nothing was done.');
  } finally {
    terminal.close();
  }
}
