import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Refusal } from './failure.ts';

/** Asked for twice without an echo; from a pipe, its first line. Never an argument: those are visible to other users and stay in histories. */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).split(/\r?\n/, 1)[0] ?? '';
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silence, terminal: true });
  try {
    const password = await ask(terminal, 'Password: ');
    if (password !== (await ask(terminal, 'Once more: '))) throw new Refusal('The two passwords differ.');
    return password;
  } finally {
    terminal.close();
  }
}

async function ask(terminal: Interface, question: string): Promise<string> {
  process.stderr.write(question);
  const answer = await terminal.question('');
  process.stderr.write('\n');
  return answer;
}
