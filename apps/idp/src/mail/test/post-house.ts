/** The stores of a cluster, a real mail server, and as many nodes that send letters as a test asks for. */
import { randomUUID } from 'node:crypto';
import { Secret } from '@portcullis/config';
import { startInbox, unique } from '@portcullis/testing';
import { createBackgroundPool } from '#database/orm.ts';
import { createOutbox } from '#revocations/outbox.ts';
import { startCluster } from '#revocations/test/cluster.ts';
import { createBacklog } from '#mail/backlog.ts';
import { createMailer, type Mailer } from '#mail/mailer.ts';
import { type Composed, type Composers, createPost, type Letter } from '#mail/post.ts';
import { startPostman } from '#mail/postman.ts';

type NodeOptions = {
  smtpUrl?: string;
  composers?: Composers;
  /** Dies right after it has sent a letter, before it can say so. */
  diesAfterSending?: boolean;
};
export type PostHouse = Awaited<ReturnType<typeof openPostHouse>>;

/** A letter as any feature might write it. */
export function composedTo(to: string, over: Partial<Composed> = {}): Composed {
  return { to, locale: 'en', subject: 'News', heading: 'News', paragraphs: ['There is news.'], ...over };
}

export async function openPostHouse() {
  await using opened = new AsyncDisposableStack();
  const cluster = opened.use(await startCluster());
  const inbox = opened.use(await startInbox());
  const pool = opened.adopt(createBackgroundPool({ url: cluster.databaseUrl, poolSize: 3 }), (it) => it.end());
  const outbox = opened.use(createOutbox({ pool, log: { warn: () => {} } }));
  const post = createPost({ queue: outbox.mail });
  const nodes: AsyncDisposable[] = [];
  opened.defer(stopNodes);
  const owned = opened.move();
  return {
    cluster,
    inbox,
    post,
    send,
    jobs,
    dueNow,
    start,
    stopNodes,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  async function send(letter: Partial<Letter> = {}): Promise<string> {
    const email = letter.email ?? `${unique('reader')}@example.org`;
    await cluster.em().transactional((em) => post.send(em, { kind: 'registration', ...letter, email }));
    return email;
  }

  /** The jobs of letters to this address, as an operator sees them. */
  async function jobs(email: string): Promise<Record<string, unknown>[]> {
    const { rows } = await cluster.pool.query<Record<string, unknown>>(
      `select * from pgboss.job where name = 'mail' and data->>'email' = $1`,
      [email],
    );
    return rows;
  }

  /** Whatever became of the letter: it is tried once more, and at once. */
  async function dueNow(email: string): Promise<void> {
    await cluster.pool.query(
      `update pgboss.job set state = 'retry', start_after = now() where name = 'mail' and data->>'email' = $1`,
      [email],
    );
  }

  async function stopNodes(): Promise<void> {
    for (const node of nodes.splice(0)) await node[Symbol.asyncDispose]();
  }

  /** One more node that sends, until `stopNodes`. */
  function start({ smtpUrl = inbox.smtpUrl, composers = plain, diesAfterSending = false }: NodeOptions = {}) {
    const told: { message: string; details: object }[] = [];
    const note = (details: object, message: string) => void told.push({ message, details });
    const log = { info: note, warn: note };
    const parts = new AsyncDisposableStack();
    const ownPool = parts.adopt(createBackgroundPool({ url: cluster.databaseUrl, poolSize: 3 }), (it) => it.end());
    const { mail } = parts.use(createOutbox({ pool: ownPool, log }));
    const queue = diesAfterSending ? { ...mail, done: () => Promise.reject(new Error('dead')) } : mail;
    const letterhead = { product: 'Portcullis', issuer: 'https://login.example', hue: null };
    const mailer: Mailer = parts.use(
      createMailer({ smtpUrl: new Secret(smtpUrl), from: 'gate@login.example', letterhead }),
    );
    const backlog = createBacklog(ownPool);
    parts.use(startPostman({ newEm: cluster.em, queue, backlog, mailer, composers, log }));
    nodes.push(parts);
    return { told };
  }
}

const plain: Composers = {
  registration: async (_em, { email = '' }) => composedTo(email, { paragraphs: [randomUUID()] }),
};
