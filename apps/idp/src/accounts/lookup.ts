import type { Pool } from 'pg';

import { normalizeEmail } from '#accounts/email.ts';

/** What a token may say about an account. */
export type AccountForTokens = {
  id: string;
  email: string;
  emailVerified: boolean;
  name: string;
  roles: string[];
};

/** What a password sign-in needs to decide. */
export type AccountForSignIn = { id: string; passwordHash: string | null; disabled: boolean };

export type AccountLookup = ReturnType<typeof createAccountLookup>;

/** The two hot reads of an account, as named prepared statements on the pool: no entity is built. */
export function createAccountLookup(pool: Pick<Pool, 'query'>) {
  return { forTokens, forSignIn };

  /** Undefined when the account is missing, disabled, or banned everywhere or from this client: no token may be made for it. */
  async function forTokens(id: string, clientId: string | null): Promise<AccountForTokens | undefined> {
    const { rows } = await pool.query<AccountForTokens>({
      name: 'account_for_tokens',
      text: forTokensSql,
      values: [id, clientId],
    });
    return rows[0];
  }

  /** By e-mail in any spelling: an index scan, whatever the number of accounts (L-01). */
  async function forSignIn(email: string): Promise<AccountForSignIn | undefined> {
    const { rows } = await pool.query<AccountForSignIn>({
      name: 'account_for_sign_in',
      text: forSignInSql,
      values: [normalizeEmail(email)],
    });
    return rows[0];
  }
}

const forTokensSql = `
  select a.id, a.email, a.email_verified as "emailVerified", a.name, a.roles
  from account a
  where a.id = $1 and a.disabled_at is null
    and not exists (
      select from ban b
      where b.account_id = a.id and (b.client_ids is null or $2 = any(b.client_ids))
        and (b.until is null or b.until > now())
        and (b.lifted_at is null or b.lifted_at > now())
    )`;

const forSignInSql = `
  select id, password_hash as "passwordHash", disabled_at is not null as disabled
  from account
  where email_normalized = $1`;
