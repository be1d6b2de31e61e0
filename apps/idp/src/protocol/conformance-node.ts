/** One node's storage in a process of its own, driven by messages: what the conformance suite races against each other. */
import { createPublisher } from '@portcullis/revocation';
import { pino } from 'pino';
import { createClientDirectory } from '#clients/directory.ts';
import { connect, createPool } from '#database/orm.ts';
import { connectRedis } from '#database/redis.ts';
import { createAdapterFactory } from './adapter.ts';
import { createArtifactEnds } from './ends.ts';
import { createPostgresArtifacts } from './postgres-artifacts.ts';
import { createRedisArtifacts } from './redis-artifacts.ts';
import { createLedger } from '#revocations/service.ts';
import { createSessions } from '#sessions/service.ts';

export type Race = { model: string; ids: string[]; times: number };
export type Outcome = { wins: string[]; refusals: string[] };

const [databaseUrl = '', redisUrl = ''] = process.argv.slice(2);
const database = { url: databaseUrl, poolSize: 8 };
const orm = connect(database);
const pool = createPool(database);
const client = await connectRedis({ url: redisUrl });
const ledger = createLedger({ orm, pool, publisher: createPublisher(client), log: pino({ level: 'silent' }) });
const redis = createRedisArtifacts(client);
const adapterFor = createAdapterFactory({
  clients: createClientDirectory(pool),
  postgres: createPostgresArtifacts(pool),
  redis,
  ends: createArtifactEnds({ orm, ledger, sessions: createSessions({ pool, ledger }) }),
});

process.on('message', (race: Race) => void run(race).then((outcome) => process.send?.(outcome)));
process.send?.('ready');

/** Uses every id `times` times at once. */
async function run({ model, ids, times }: Race): Promise<Outcome> {
  const outcome: Outcome = { wins: [], refusals: [] };
  for (const id of ids) await Promise.all(Array.from({ length: times }, () => attempt(model, id, outcome)));
  return outcome;
}

async function attempt(model: string, id: string, outcome: Outcome): Promise<void> {
  try {
    if (model === 'ReplayDetection') {
      if (await redis.saveIfAbsent(model, id, {}, 60)) outcome.wins.push(id);
      else outcome.refusals.push('seen');
    } else {
      await adapterFor(model).consume(id);
      outcome.wins.push(id);
    }
  } catch (error) {
    outcome.refusals.push(error instanceof Error ? error.message : String(error));
  }
}
