import type { Command } from 'commander';
import pg from 'pg';
import { migrateOutbox } from '#revocations/outbox.ts';
import { say } from './output.ts';
import { openDatabase } from './database.ts';

export function addTo(program: Command): void {
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .action(async () => {
      await using database = await openDatabase();
      await using _turn = await takeTurn(database.url);
      database.orm.config.set('migrations', { ...database.orm.config.get('migrations'), silent: true });
      database.orm.migrator.on('migrated', ({ name }) => say(`applied ${name}`));
      const applied = await database.orm.migrator.up();
      await migrateOutbox(database.pool);
      say(applied.length ? `The database is up to date (${applied.length} applied).` : 'The database was up to date.');
    });
}

/** Several nodes may be deployed at once: one migrates, the others wait and then find nothing to do. */
async function takeTurn(url: string): Promise<AsyncDisposable> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  await client.query("select pg_advisory_lock(hashtext('portcullis migrate'))");
  return { [Symbol.asyncDispose]: () => client.end() };
}
