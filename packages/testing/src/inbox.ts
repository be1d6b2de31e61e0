import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export type ReceivedLetter = {
  id: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Every address in the plain text, as it stands there. */
  links: string[];
  /** The eight digits to be typed, where there are any. */
  code: string | undefined;
};
export type Inbox = ReturnType<typeof openInbox>;

type Wish = { subject?: string | RegExp; withinMs?: number };
/** A letter as maildev's REST API tells it. */
type Told = Pick<ReceivedLetter, 'id' | 'subject' | 'text' | 'html' | 'headers'> & {
  envelope: { from: { address: string }; to: { address: string }[] };
};

/** The letters that a maildev has received; `url` is its web address. */
export function openInbox(url: string) {
  const read = new Set<string>();
  return { all, letterTo };

  /** Oldest first. */
  async function all(address: string): Promise<ReceivedLetter[]> {
    const response = await fetch(`${url}/email?${new URLSearchParams({ 'envelope.to.address': address })}`);
    return ((await response.json()) as Told[]).map(letterOf);
  }

  /** Waits for the newest letter to this address, of those that were not handed out before. */
  async function letterTo(address: string, { subject = '', withinMs = 10_000 }: Wish = {}): Promise<ReceivedLetter> {
    const letter = await eventually(
      async () => {
        const unread = (await all(address)).filter(({ id }) => !read.has(id));
        return unread.findLast((it) =>
          subject instanceof RegExp ? subject.test(it.subject) : it.subject.includes(subject),
        );
      },
      { withinMs },
    );
    read.add(letter.id);
    return letter;
  }
}

/** A mail server of the caller's own that keeps every letter for `openInbox`; `smtpUrl` is where letters are given to it. */
export async function startInbox() {
  const [smtp, web] = [await freePort(), await freePort()];
  const maildev = createRequire(import.meta.url).resolve('maildev/bin/maildev');
  const args = ['--smtp', smtp, '--web', web, '--ip', '127.0.0.1', '--silent'].map(String);
  const child = spawn(process.execPath, [maildev, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const endWithTests = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithTests);
  const url = `http://127.0.0.1:${web}`;
  await eventually(async () => (await fetch(`${url}/healthz`)).ok, { withinMs: 30_000 });
  return {
    ...openInbox(url),
    smtpUrl: `smtp://127.0.0.1:${smtp}`,
    async [Symbol.asyncDispose]() {
      process.off('exit', endWithTests);
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function letterOf({ id, subject, text, html, headers, envelope }: Told): ReceivedLetter {
  return {
    id,
    from: envelope.from.address,
    to: envelope.to.map(({ address }) => address),
    subject,
    text,
    html,
    headers,
    links: text.match(/https?:\/\/\S+/g) ?? [],
    code: /: (\d{8})$/m.exec(text)?.[1],
  };
}
