/** Ends a session and is killed the moment that is committed, before anything is published or sent. */
import { createPublisher } from '@portcullis/revocation';
import { Redis } from 'ioredis';
import { connect, createPool } from '#database/orm.ts';
import { createChannels } from '#revocations/channels.ts';
import { createOutbox } from '#revocations/outbox.ts';
import { createLedger } from '#revocations/service.ts';

const [url = '', redisUrl = '', sid = ''] = process.argv.slice(2);
const orm = connect({ url, poolSize: 2 });
const pool = createPool({ url, poolSize: 2 });
const log = { info: () => {}, warn: () => {} };
const channels = createChannels({ outbox: createOutbox({ pool, log }).deliveries });
const ledger = createLedger({ orm, channels, pool, publisher: createPublisher(new Redis(redisUrl)), log });

await orm.em.fork().transactional(async (em) => {
  const target = { kind: 'session', sid } as const;
  await ledger.record(em, { target, cause: 'session_ended', issuedBefore: null, actor: null });
});
process.kill(process.pid, 'SIGKILL');
