import type { Locale } from '@portcullis/ui';
import type { Reader } from '#database/reader.ts';
import { normalizeEmail } from './email.ts';

/** What a token may say about an account; `bannedFrom` names the applications it may not have one for. */
export type AccountForTokens = {
  id: string;
  email: string;
  emailVerified: boolean;
  name: string;
  roles: string[];
  bannedFrom: string[];
  locale: Locale | null;
  /** Names the picture, which is at `picturePath`. */
  picture: string | null;
};

/** Whoever is signing in, as the steps of a sign-in need it. */
export type Person = {
  id: string;
  email: string;
  name: string;
  roles: string[];
  locale: Locale | null;
  /** When the password became what it is: epoch milliseconds. */
  passwordSince: number | null;
};

/** What a password sign-in needs to decide. */
export type AccountForSignIn = Person & { passwordHash: string | null; disabled: boolean };

export type AccountLookup = ReturnType<typeof createAccountLookup>;

/** The two hot reads of an account, as named prepared statements: no entity is built. */
export function createAccountLookup(reader: Reader) {
  return { forTokens, forSignIn };

  /** Undefined when the account is missing, disabled or banned everywhere: no token may be made for it. */
  async function forTokens(id: string): Promise<AccountForTokens | undefined> {
    const { rows } = await reader.query<AccountForTokens>({
      name: 'account_for_tokens',
      text: forTokensSql,
      values: [id],
    });
    return rows[0];
  }

  /** By e-mail in any spelling: an index scan, whatever the number of accounts (L-01). */
  async function forSignIn(email: string): Promise<AccountForSignIn | undefined> {
    const { rows } = await reader.query<AccountForSignIn>({
      name: 'account_for_sign_in',
      text: forSignInSql,
      values: [normalizeEmail(email)],
    });
    return rows[0];
  }
}

/** The columns of the view account_for_tokens, under the names of AccountForTokens, for statements that join it as `a`. */
export const accountColumns =
  'a.id, a.email, a.email_verified as "emailVerified", a.name, a.roles, a.banned_from as "bannedFrom", a.locale, a.picture';

const forTokensSql = `select ${accountColumns} from account_for_tokens a where a.id = $1`;

/** The columns of the table account, under the names of Person. */
export const personColumns =
  'id, email, name, roles, locale, floor(extract(epoch from password_changed_at) * 1000)::float8 as "passwordSince"';

const forSignInSql = `
  select ${personColumns}, password_hash as "passwordHash", disabled_at is not null as disabled
  from account
  where email_normalized = $1`;
