import type { MikroORM } from '@mikro-orm/postgresql';
import type { Log } from '@portcullis/revocation';
import type { Config } from '#config.ts';
import type { JobQueue } from '#revocations/outbox.ts';
import { createMailer } from './mailer.ts';
import type { Composers, Letter } from './post.ts';
import { startPostman } from './postman.ts';

type Deps = {
  config: Pick<Config, 'issuer' | 'mail' | 'brand'>;
  orm: MikroORM;
  queue: Pick<JobQueue<Letter>, 'take' | 'done' | 'failed'>;
  composers: Composers;
  log: Pick<Log, 'info' | 'warn'>;
};

/** This node's part in sending letters. Without a mail server to give them to, they wait in the queue and that is said. */
export function openPostOffice({ config, orm, queue, composers, log }: Deps): AsyncDisposable {
  const resources = new AsyncDisposableStack();
  const { smtpUrl, from } = config.mail;
  if (smtpUrl) {
    const letterhead = { product: config.brand.name, issuer: config.issuer };
    const mailer = resources.use(createMailer({ smtpUrl, from, letterhead }));
    resources.use(startPostman({ orm, queue, mailer, composers, log }));
  } else {
    log.warn({}, 'SMTP_URL is not set: letters to people wait in the queue, for a day at most');
  }
  return resources;
}
