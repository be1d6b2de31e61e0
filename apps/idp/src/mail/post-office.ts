import type { MikroORM } from '@mikro-orm/postgresql';
import type { Log } from '@portcullis/revocation';
import type { Pool } from 'pg';
import type { Config } from '#config.ts';
import type { JobQueue } from '#revocations/outbox.ts';
import { createBacklog } from './backlog.ts';
import { createMailer } from './mailer.ts';
import type { Composers, Letter } from './post.ts';
import { type Postman, startPostman } from './postman.ts';

type Deps = {
  config: Pick<Config, 'issuer' | 'mail' | 'brand'>;
  orm: MikroORM;
  background: Pick<Pool, 'query'>;
  queue: Pick<JobQueue<Letter>, 'take' | 'done' | 'failed'>;
  composers: Composers;
  log: Pick<Log, 'info' | 'warn'>;
};

/** This node's part in sending letters. Without a mail server to give them to, they wait in the queue and that is said. */
export function openPostOffice({ config, orm, background, queue, composers, log }: Deps): Postman {
  const { smtpUrl, from } = config.mail;
  const resources = new AsyncDisposableStack();
  const closing = { [Symbol.asyncDispose]: () => resources.disposeAsync() };
  if (!smtpUrl) {
    log.warn({}, 'SMTP_URL is not set: letters to people wait in the queue, for a day at most');
    return { status: () => undefined, ...closing };
  }
  const letterhead = { product: config.brand.name, issuer: config.issuer, hue: config.brand.hue };
  const mailer = resources.use(createMailer({ smtpUrl, from, letterhead }));
  const backlog = createBacklog(background);
  const newEm = () => orm.em.fork();
  const { status } = resources.use(startPostman({ newEm, queue, backlog, mailer, composers, log }));
  return { status, ...closing };
}
