import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabases, dropDatabases, startPostgres } from './postgres.mjs';
import { ensureRedis } from './programs.mjs';
import { Refusal } from './progress.mjs';
import { answers, emptyNumberedDatabase, flush, startRedis } from './redis.mjs';

/** PostgreSQL and Redis for one stack: the ones given, else processes of ours. A throw-away stack leaves nothing in either. */
export async function startServers({
  children,
  progress,
  dataDir,
  logs,
  secrets,
  throwAway,
  durable = !throwAway,
  databaseUrl,
  redisUrl,
  onExit,
}) {
  const created = [];
  const redisProgram = redisUrl ? undefined : await ensureRedis(progress);
  const postgres = databaseUrl ? { url: databaseUrl } : await progress.step('Starting PostgreSQL', ownPostgres);
  const redis = redisUrl ? await givenRedis() : await ownRedis();
  return { url: postgres.url, redisUrl: redis.url, databases, stop };

  function ownPostgres() {
    const logFile = join(logs, 'postgres.log');
    if (throwAway) children.removeAfterCrash(dataDir);
    return startPostgres({ children, dataDir, password: secrets.databasePassword, durable, logFile, onExit });
  }

  async function ownRedis() {
    return progress.step('Starting Redis', () =>
      startRedis({ children, program: redisProgram, logFile: join(logs, 'redis.log'), onExit }),
    );
  }

  async function givenRedis() {
    if (!(await answers(redisUrl))) throw new Refusal(`REDIS_URL: no Redis answers at ${new URL(redisUrl).host}.`);
    return { url: throwAway ? await emptyNumberedDatabase(redisUrl) : redisUrl };
  }

  /** Their URLs by name; on the server they carry the prefix. */
  async function databases(names, prefix) {
    const real = names.map((name) => `${prefix}${name}`);
    const urls = await createDatabases(postgres.url, real);
    created.push(...real);
    return Object.fromEntries(names.map((name, index) => [name, urls[index]]));
  }

  async function stop() {
    if (throwAway && databaseUrl) await dropDatabases(postgres.url, created).catch(() => undefined);
    if (throwAway && redisUrl) await flush(redis.url).catch(() => undefined);
    await children.end([redis.process, postgres.process].filter(Boolean));
    if (throwAway && postgres.folder) rmSync(postgres.folder, { recursive: true, force: true });
  }
}
