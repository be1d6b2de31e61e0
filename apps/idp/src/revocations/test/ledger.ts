import { createPublisher, type Log } from '@portcullis/revocation';
import { createPool } from '#database/orm.ts';
import { createChannels } from '#revocations/channels.ts';
import { createOutbox } from '#revocations/outbox.ts';
import { createLedger, type Ledger } from '#revocations/service.ts';
import { createPost, type Post } from '#mail/post.ts';
import type { TestIdp } from '#harness.ts';

/** The ledger over a running IdP's stores, as the command line has it. */
export function openLedgerOf(
  idp: TestIdp,
): { ledger: Ledger; post: Post; pool: ReturnType<typeof createPool> } & AsyncDisposable {
  const resources = new AsyncDisposableStack();
  const log: Log = { info: () => {}, warn: () => {}, error: () => {} };
  const pool = resources.adopt(createPool({ url: idp.database.url, poolSize: 2 }), (open) => open.end());
  const outbox = resources.use(createOutbox({ pool, log }));
  const publisher = createPublisher(idp.memory);
  const ledger = createLedger({
    orm: idp.orm,
    channels: createChannels({ outbox: outbox.deliveries }),
    publisher,
    pool,
    log,
    answerWithinMs: 10_000,
  });
  const post = createPost({ queue: outbox.mail });
  return { ledger, post, pool, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
