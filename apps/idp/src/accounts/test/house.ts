/** Accounts on a real PostgreSQL and a real Redis, and as many nodes over them as a test asks for. */
import { freshDatabase, startRedis, unique } from '@portcullis/testing';
import { Redis } from 'ioredis';
import type { Pool } from 'pg';

import { createAuditLog } from '#audit/service.ts';
import { createAccountLookup } from '#accounts/lookup.ts';
import { createPasswords } from '#accounts/passwords.ts';
import { createAccounts, type BanNotice } from '#accounts/service.ts';
import { connect, createPool, unitOfWork } from '#database/orm.ts';
import { createThrottle, type Limits } from '#rate-limit/throttle.ts';

export const rightPassword = 'correct horse battery staple';

export type House = Awaited<ReturnType<typeof openHouse>>;

export async function openHouse() {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await freshDatabase());
  const redis = opened.use(await startRedis());
  const config = { url: database.url, poolSize: 4 };
  const orm = opened.adopt(connect(config), (o) => o.close());
  await orm.migrator.up();
  const pool = opened.adopt(createPool(config), (o) => o.end());
  const bans = new Map<string, BanNotice>();
  const passwords = createPasswords();
  const owned = opened.move();

  return {
    pool,
    redis,
    bans,
    withEm: unitOfWork(orm),
    em: () => orm.em.fork(),
    node,
    person,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  /** One node: its own Redis connection and hash gate, counting the hashes it verifies. */
  async function node(o: { limits?: Limits; maxInFlight?: number; maxQueued?: number; pool?: Pool } = {}) {
    const client = owned.adopt(new Redis(redis.url, { lazyConnect: true }), (c) => c.disconnect());
    client.on('error', () => undefined);
    await client.connect();
    const own = createPasswords(o);
    const verified: (string | null | undefined)[] = [];
    const counting: typeof own = {
      ...own,
      verify: (stored, password) => {
        verified.push(stored);
        return own.verify(stored, password);
      },
    };
    const lookup = createAccountLookup(o.pool ?? pool);
    const throttle = createThrottle({ redis: client, ...(o.limits ? { limits: o.limits } : undefined) });
    const active = (id: string) => Promise.resolve(bans.get(id));
    const accounts = createAccounts({
      lookup,
      passwords: counting,
      throttle,
      bans: { active },
      audit: createAuditLog(o.pool ?? pool),
      now: () => new Date(),
    });
    return { accounts, lookup, passwords: own, verified, redis: client };
  }

  /** Somebody new, whose password is `rightPassword` unless a hash says otherwise. */
  async function person(o: { passwordHash?: string | null; disabled?: boolean } = {}) {
    const email = `${unique('person')}@example.org`;
    const passwordHash = o.passwordHash === undefined ? await passwords.hash(rightPassword) : o.passwordHash;
    const { rows } = await pool.query<{ id: string }>(
      `insert into account (id, email, email_normalized, name, password_hash, disabled_at, created_at)
       values (gen_random_uuid(), $1, $1, 'Somebody', $2, $3, now()) returning id`,
      [email, passwordHash, o.disabled ? new Date() : null],
    );
    return { id: String(rows[0]?.id), email };
  }
}
