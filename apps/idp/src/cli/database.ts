import { userInfo } from 'node:os';
import { parseEnv } from '@portcullis/config';
import { z } from 'zod';
import { connect, createPool } from '#database/orm.ts';

/** Who did it, for the audit log. */
export function actor(): string {
  return `cli:${userInfo().username}`;
}

export async function openDatabase() {
  const { DATABASE_URL: url } = parseEnv({ DATABASE_URL: z.url() }, process.env);
  const config = { url, poolSize: 4 };
  await using opened = new AsyncDisposableStack();
  const orm = opened.adopt(connect(config), (open) => open.close());
  const pool = opened.adopt(createPool(config), (open) => open.end());
  const owned = opened.move();
  return { url, orm, pool, em: orm.em.fork(), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
