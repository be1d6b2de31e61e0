/** Bans as an operator looks at them, those that are over included. */
import type { Pool } from 'pg';

export type BanState = 'in_force' | 'lifted' | 'expired';
export type BanRecord = {
  id: string;
  /** Nulls when the account has been deleted since. */
  account: { id: string; email: string | null; name: string | null };
  clientIds: string[] | null;
  reason: string;
  message: string | null;
  bannedAt: Date;
  bannedBy: string | null;
  bannedByName: string | null;
  until: Date | null;
  liftedAt: Date | null;
  liftedBy: string | null;
  liftedByName: string | null;
  state: BanState;
  revocationIds: string[];
};
/** Where a page of the list begins: after the ban of that moment and id. */
export type BanPosition = { at: Date; id: string };
export type BanHistory = ReturnType<typeof createBanHistory>;

/** As many as anybody looks at for one account. */
const maxOfAccount = 500;

export function createBanHistory({ pool, now = () => new Date() }: { pool: Pick<Pool, 'query'>; now?: () => Date }) {
  return { find, findMany, inForce, ofAccount, list };

  async function find(id: string): Promise<BanRecord | undefined> {
    return (await findMany([id]))[0];
  }

  /** The newest first. */
  function findMany(ids: string[]): Promise<BanRecord[]> {
    return select('b.id = any ($2::uuid[])', [ids]);
  }

  /** Of those in force one from everywhere before others, then the one that lasts longest. */
  async function inForce(accountId: string): Promise<BanRecord | undefined> {
    const order = 'b.client_ids is null desc, b.until desc nulls first, b.banned_at';
    return (await select(`b.account_id = $2 and ${isInForce}`, [accountId], { order, limit: 1 }))[0];
  }

  /** The newest first. */
  function ofAccount(accountId: string): Promise<BanRecord[]> {
    return select('b.account_id = $2', [accountId], { limit: maxOfAccount });
  }

  /** The newest first. */
  function list(o: { status?: 'in_force' | 'ended'; after?: BanPosition; limit: number }): Promise<BanRecord[]> {
    const where = ['true'];
    if (o.status === 'in_force') where.push(isInForce);
    if (o.status === 'ended') where.push(`not (${isInForce})`);
    if (o.after) where.push('(b.banned_at, b.id) < ($2, $3::uuid)');
    return select(where.join(' and '), o.after ? [o.after.at, o.after.id] : [], { limit: o.limit });
  }

  /** In `where`, $1 is the present moment and $2 the first of `values`. */
  async function select(
    where: string,
    values: unknown[],
    { order = 'b.banned_at desc, b.id desc', limit = 1000 } = {},
  ): Promise<BanRecord[]> {
    const text = `${columns} where ${where} order by ${order} limit ${limit}`;
    const { rows } = await pool.query<BanRecord>(text, [now(), ...values]);
    return rows;
  }
}

/** `ban` is `b`, the present moment $1. */
const isInForce = '(b.lifted_at is null and (b.until is null or b.until > $1::timestamptz))';

/** The account a text names, if it names one: `cli:mara` and the system have none. */
const nameOf = (actor: string): string => `(
  select name from account
  where id = case when ${actor} ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then ${actor}::uuid end)`;

const columns = `
  select b.id, json_build_object('id', b.account_id, 'email', a.email, 'name', a.name) as account,
         b.client_ids as "clientIds", b.reason, b.message, b.banned_at as "bannedAt", b.banned_by as "bannedBy",
         ${nameOf('b.banned_by')} as "bannedByName", b.until, b.lifted_at as "liftedAt", b.lifted_by as "liftedBy",
         ${nameOf('b.lifted_by')} as "liftedByName", b.revocation_ids as "revocationIds",
         case when b.lifted_at is not null then 'lifted' when b.until <= $1::timestamptz then 'expired'
              else 'in_force' end as state
  from ban b left join account a on a.id = b.account_id`;
