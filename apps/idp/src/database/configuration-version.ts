import type { EntityManager } from '@mikro-orm/postgresql';
import { defineEntity, p } from '@mikro-orm/core';
import type { Pool } from 'pg';

const ConfigurationVersionSchema = defineEntity({
  name: 'ConfigurationVersion',
  tableName: 'configuration_version',
  properties: { id: p.integer().primary().autoincrement(false), version: p.integer() },
});

/** One row, raised by every change of clients or signing keys: what the nodes watch to know that they are behind. */
export class ConfigurationVersion extends ConfigurationVersionSchema.class {}
ConfigurationVersionSchema.setClass(ConfigurationVersion);

/** Call in the transaction of the change. */
export async function raiseConfigurationVersion(em: EntityManager): Promise<void> {
  await em.execute('update configuration_version set version = version + 1 where id = 1');
}

/**
 * Calls `reload` within half a second or so of a change by any node, and once at the start.
 * Polling, not LISTEN: it survives fail-overs and connection poolers, and one tiny query twice a second costs nothing.
 * A failed poll or reload is reported and tried again at the next turn.
 */
export async function watchConfiguration({
  pool,
  reload,
  onError,
  intervalMs = 500,
}: {
  pool: Pool;
  reload: () => Promise<void>;
  onError: (error: unknown) => void;
  intervalMs?: number;
}): Promise<AsyncDisposable> {
  let seen = await currentVersion();
  await reload();
  let timer = setTimeout(poll, intervalMs);
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  function poll(): void {
    running = check()
      .catch(onError)
      .finally(() => {
        if (!stopped) timer = setTimeout(poll, intervalMs);
      });
  }

  async function check(): Promise<void> {
    const version = await currentVersion();
    if (version === seen) return;
    await reload();
    seen = version;
  }

  async function currentVersion(): Promise<number> {
    const { rows } = await pool.query<{ version: number }>({
      name: 'configuration-version',
      text: 'select version from configuration_version where id = 1',
    });
    return rows[0]?.version ?? 0;
  }

  return {
    async [Symbol.asyncDispose]() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
