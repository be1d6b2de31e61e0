import type { Secret } from '@portcullis/config';
import { createTransport } from 'nodemailer';
import { letterHtml, letterText, type Letterhead } from './letter.ts';
import type { Composed } from './post.ts';

type Options = {
  /** `smtp://` or `smtps://`, with name and password where the server wants them; nodemailer's options as query parameters. */
  smtpUrl: Secret;
  /** The sender's address; its name is the product's. */
  from: string;
  letterhead: Letterhead;
};
export type Mailer = ReturnType<typeof createMailer>;

const timeLimits = { connectionTimeout: '5000', greetingTimeout: '5000', socketTimeout: '10000' };

/** Letters over SMTP, on a few connections that stay open. */
export function createMailer({ smtpUrl, from, letterhead }: Options) {
  const transport = createTransport(pooled(smtpUrl.reveal()));
  transport.on('error', () => {}); // an idle connection that broke; the next letter opens another
  return { send, [Symbol.dispose]: () => transport.close() };

  /**
   * `id` makes the Message-ID: a letter that is sent twice can be told. Rejects when the server cannot be reached or will
   * not now; 'refused': it never will for this address.
   */
  async function send(letter: Composed, id: string): Promise<'sent' | 'refused'> {
    if (!isOneMailbox(letter.to)) return 'refused';
    try {
      await transport.sendMail({
        messageId: `<${id}@${new URL(letterhead.issuer).hostname}>`,
        from: { name: oneLine(letterhead.product), address: from },
        to: { name: '', address: letter.to },
        envelope: { from, to: [letter.to] },
        subject: oneLine(letter.subject),
        text: letterText(letter, letterhead),
        html: letterHtml(letter, letterhead),
        headers: {
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
          'Content-Language': letter.locale,
        },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      return 'sent';
    } catch (error) {
      if (isRefusedForGood(error)) return 'refused';
      throw error;
    }
  }
}

function pooled(smtpUrl: string): string {
  const url = new URL(smtpUrl);
  const settings = { pool: 'true', maxConnections: '4', ...timeLimits };
  for (const [name, value] of Object.entries(settings))
    if (!url.searchParams.has(name)) url.searchParams.set(name, value);
  return url.href;
}

/** Nothing that a mail program could read as a second address, a comment or a header. */
function isOneMailbox(address: string): boolean {
  return /^[^\s\p{C}@<>()[\],;:\\"]+@[^\s\p{C}@<>()[\],;:\\"]+$/u.test(address);
}

/** A name out of an account may hold line breaks; a header may not. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** SMTP 5xx to the recipient (RFC 5321, 4.2.1). A 5xx to our own sign-in is ours to mend, and is tried again. */
function isRefusedForGood(error: unknown): boolean {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  return code === 'EENVELOPE' && typeof responseCode === 'number' && responseCode >= 500;
}
