/** Accounts as an operator looks for them, at a million of them too: every statement is a walk along an index that stops at the page's end. */
import type { Pool } from 'pg';
import { z } from 'zod';
import { normalizeEmail } from '#accounts/email.ts';

export type AccountStatus = 'active' | 'banned' | 'disabled';
export type FoundAccount = {
  id: string;
  email: string;
  name: string;
  roles: string[];
  status: AccountStatus;
  createdAt: Date;
};
export type AccountDetail = FoundAccount & { emailVerified: boolean; lastSignInAt: Date | null };

/** Where a page begins: first come those whose e-mail begins as asked, by e-mail, then those whose name does, by name. */
export const AccountPosition = z.union([
  z.tuple([z.literal('email'), z.string()]),
  z.tuple([z.literal('name'), z.string(), z.uuid()]),
]);
export type AccountPosition = z.infer<typeof AccountPosition>;

export type AccountQuery = { q?: string | undefined; status?: AccountStatus | undefined };
type Found = FoundAccount & { position: AccountPosition };
export type AccountSearch = ReturnType<typeof createAccountSearch>;

export function createAccountSearch(pool: Pick<Pool, 'query'>) {
  return { page, find, existing };

  /** `next` is where the following page begins; unset on the last. */
  async function page(
    query: AccountQuery,
    { after, limit }: { after?: AccountPosition | undefined; limit: number },
  ): Promise<{ accounts: FoundAccount[]; next?: AccountPosition }> {
    if (z.uuid().safeParse(query.q).success) return { accounts: await byId(query) };
    const found: Found[] = after?.[0] === 'name' ? [] : await run(byEmail(query, after?.[1], limit + 1));
    if (query.q !== undefined && found.length <= limit) {
      const from = after?.[0] === 'name' ? { name: after[1], id: after[2] } : undefined;
      found.push(...(await run(byName({ ...query, q: query.q }, from, limit + 1 - found.length))));
    }
    const accounts = found.slice(0, limit);
    const last = found.length > limit ? accounts.at(-1) : undefined;
    return { accounts, ...(last && { next: last.position }) };
  }

  async function find(id: string): Promise<AccountDetail | undefined> {
    const { rows } = await pool.query<AccountDetail>(
      `select ${columns}, a.email_verified as "emailVerified",
              (select max(at) from audit_event where account_id = a.id and action = 'account.signed_in') as "lastSignInAt"
       from account a where a.id = $1`,
      [id],
    );
    return rows[0];
  }

  /** Those of the ids that belong to an account. */
  async function existing(ids: string[]): Promise<Set<string>> {
    const { rows } = await pool.query<{ id: string }>('select id from account where id = any ($1::uuid[])', [ids]);
    return new Set(rows.map(({ id }) => id));
  }

  async function byId({ q, status }: AccountQuery): Promise<FoundAccount[]> {
    const { rows } = await pool.query<FoundAccount>(`select ${columns} from account a where a.id = $1`, [q]);
    return rows.filter((account) => status === undefined || account.status === status);
  }

  async function run({ text, values }: Statement): Promise<Found[]> {
    return (await pool.query<Found>(text, values)).rows;
  }
}

/** Without a name of its own, so that it is planned with its values: a prefix is a range of the index only when it is known. */
export type Statement = { text: string; values: unknown[] };

export function byEmail({ q, status }: AccountQuery, after: string | undefined, limit: number): Statement {
  return statement({ limit, order: 'a.email_normalized collate "C"', status }, (place) => ({
    position: `json_build_array('email', a.email_normalized)`,
    where: [
      q !== undefined && `a.email_normalized like ${place(prefix(normalizeEmail(q)))}`,
      after !== undefined && `a.email_normalized collate "C" > ${place(after)}`,
    ],
  }));
}

/** Without those that `byEmail` finds. */
export function byName(
  { q, status }: AccountQuery & { q: string },
  after: { name: string; id: string } | undefined,
  limit: number,
): Statement {
  return statement({ limit, order: 'lower(a.name) collate "C", a.id', status }, (place) => ({
    position: `json_build_array('name', lower(a.name), a.id)`,
    where: [
      `lower(a.name) like lower(${place(prefix(q))})`,
      `a.email_normalized not like ${place(prefix(normalizeEmail(q)))}`,
      after !== undefined && `(lower(a.name) collate "C", a.id) > (${place(after.name)}, ${place(after.id)})`,
    ],
  }));
}

function statement(
  { limit, order, status }: { limit: number; order: string; status: AccountStatus | undefined },
  parts: (place: (value: unknown) => string) => { position: string; where: (string | false)[] },
): Statement {
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${values.push(value)}`;
  const { position, where } = parts(place);
  const conditions = [...where.filter((condition) => condition !== false), ...(status ? [statusIs[status]] : [])];
  return {
    // The state is looked up for what the page shows; asked further in, it would be prepared for every account.
    text: `select ${columns}, ${position} as position
           from (select a.* from account a where ${conditions.length ? conditions.join(' and ') : 'true'}
                 order by ${order} limit ${place(limit)}) a
           order by ${order}`,
    values,
  };
}

function prefix(written: string): string {
  return `${written.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

const bannedEverywhere = `
  select b.account_id from ban b
  where b.client_ids is null and b.lifted_at is null and (b.until is null or b.until > now())`;

const columns = `
  a.id, a.email, a.name, a.roles, a.created_at as "createdAt",
  case when a.disabled_at is not null then 'disabled'
       when exists (${bannedEverywhere} and b.account_id = a.id) then 'banned' else 'active' end as status`;

const statusIs: Record<AccountStatus, string> = {
  active: `a.disabled_at is null and not exists (${bannedEverywhere} and b.account_id = a.id)`,
  banned: `a.disabled_at is null and a.id in (${bannedEverywhere})`,
  disabled: 'a.disabled_at is not null',
};
