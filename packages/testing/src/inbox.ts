import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export type ReceivedLetter = {
  id: string;
  subject: string;
  text: string;
  html: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  envelope: { from: { address: string }; to: { address: string }[] };
};

export type TestInbox = Awaited<ReturnType<typeof startInbox>>;

/** A real mail server of the caller's own, which keeps every letter; `smtpUrl` is where letters are given to it. */
export async function startInbox() {
  const [smtp, web] = [await freePort(), await freePort()];
  const maildev = createRequire(import.meta.url).resolve('maildev/bin/maildev');
  const args = ['--smtp', smtp, '--web', web, '--ip', '127.0.0.1', '--silent'].map(String);
  const child = spawn(process.execPath, [maildev, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  child.unref(); // a test that fails before it ends this must not wait for it
  const endWithTests = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithTests);
  const url = `http://127.0.0.1:${web}`;
  await eventually(async () => (await fetch(`${url}/healthz`)).ok, { withinMs: 30_000 });
  const read = new Set<string>();

  return {
    smtpUrl: `smtp://127.0.0.1:${smtp}`,
    all,
    letterTo,
    async [Symbol.asyncDispose]() {
      process.off('exit', endWithTests);
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };

  /** Every letter, or those to one address; oldest first. */
  async function all(address?: string): Promise<ReceivedLetter[]> {
    const wanted = new URLSearchParams(address === undefined ? {} : { 'envelope.to.address': address });
    return (await (await fetch(`${url}/email?${wanted}`)).json()) as ReceivedLetter[];
  }

  /** Waits for the newest letter to this address, of those that were not handed out before. */
  async function letterTo(address: string): Promise<ReceivedLetter> {
    const letter = await eventually(async () => (await all(address)).findLast(({ id }) => !read.has(id)), {
      withinMs: 10_000,
    });
    if (!letter) throw new Error('no letter came');
    read.add(letter.id);
    return letter;
  }
}
