/** One node's storage in a process of its own, driven by messages: what the conformance suite races against each other. */
import { Secret } from '@portcullis/config';
import { createPublisher } from '@portcullis/revocation';
import { pino } from 'pino';
import { createClientDirectory } from '#clients/directory.ts';
import { connect, createPool } from '#database/orm.ts';
import { connectRedis } from '#database/redis.ts';
import { createAdapterFactory, rotate } from './adapter.ts';
import { createArtifactEnds } from './ends.ts';
import { createPostgresArtifacts } from './postgres-artifacts.ts';
import { createRefreshHandles } from './refresh-handles.ts';
import { createRedisArtifacts } from './redis-artifacts.ts';
import { createLedger } from '#revocations/service.ts';
import { createSessions } from '#sessions/service.ts';

export type Race = { model: string; ids: string[]; times: number };
export type Outcome = { wins: string[]; refusals: string[] };

const [databaseUrl = '', redisUrl = ''] = process.argv.slice(2);
/** Fifty at once for eight connections: waiting is part of the race, giving up is not. */
const patienceMs = 30_000;
const database = { url: databaseUrl, poolSize: 8, patienceMs };
const orm = connect(database);
const pool = createPool(database);
const client = await connectRedis({ url: redisUrl, patienceMs });
const ledger = createLedger({
  orm,
  channels: { send: async () => {} },
  pool,
  publisher: createPublisher(client),
  log: pino({ level: 'silent' }),
});
const redis = createRedisArtifacts(client);
const postgres = createPostgresArtifacts({ pool, reader: pool });
const ends = createArtifactEnds({ orm, ledger, sessions: createSessions({ pool, ledger }) });
const handles = createRefreshHandles(new Secret('a key for tests that is long enough'));
const adapterFor = createAdapterFactory({ clients: createClientDirectory(pool), postgres, redis, ends, handles });

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
    } else if (model === 'RefreshToken') {
      await rotate({ postgres, ends }, { family: id, rotation: 0 }, id.replace('family', 'grant'), 60);
      outcome.wins.push(id);
    } else {
      await adapterFor(model).consume(id);
      outcome.wins.push(id);
    }
  } catch (error) {
    outcome.refusals.push(error instanceof Error ? error.message : String(error));
  }
}
