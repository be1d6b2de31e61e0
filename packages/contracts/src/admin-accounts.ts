import { z } from 'zod';
import { AccountId, ClientId, Next, PageQuery, Publication, Role, SessionId, writtenText } from './admin.ts';
import { Ban } from './admin-bans.ts';

/** banned: everywhere; a ban from named applications leaves the account active. */
export const AccountStatus = z.enum(['active', 'banned', 'disabled']);
export type AccountStatus = z.infer<typeof AccountStatus>;

/** `q`: how the e-mail or the name begins, in any case, or a whole account id. */
export const AccountsQuery = z.strictObject({
  q: writtenText(320).optional(),
  status: AccountStatus.optional(),
  ...PageQuery.shape,
});
export type AccountsQuery = z.infer<typeof AccountsQuery>;

export const AccountSummary = z
  .object({
    id: AccountId,
    email: z.string(),
    name: z.string(),
    roles: z.array(z.string()),
    status: AccountStatus,
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'AccountSummary' });
export type AccountSummary = z.infer<typeof AccountSummary>;

export const AccountsAnswer = z.object({ accounts: z.array(AccountSummary), next: Next });
export type AccountsAnswer = z.infer<typeof AccountsAnswer>;

/** `ban`: of those in force one from everywhere before others, then the one that lasts longest. */
export const AccountDetail = AccountSummary.extend({
  emailVerified: z.boolean(),
  lastSignInAt: z.iso.datetime().nullable(),
  ban: Ban.nullable(),
}).meta({ id: 'Account' });
export type AccountDetail = z.infer<typeof AccountDetail>;

/** A live SSO session. `place` is where the network address is, if that is known; `applications` are the names of those that were entered with it. */
export const AccountSession = z
  .object({
    id: SessionId,
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    userAgent: z.string().nullable(),
    address: z.string().nullable(),
    place: z.string().nullable(),
    applications: z.array(z.string()),
  })
  .meta({ id: 'Session' });
export type AccountSession = z.infer<typeof AccountSession>;

export const AccountSessionsAnswer = z.object({ sessions: z.array(AccountSession) });
export type AccountSessionsAnswer = z.infer<typeof AccountSessionsAnswer>;

export const SessionsEndedAnswer = z.object({ ended: z.int().nonnegative(), delivery: Publication });
export type SessionsEndedAnswer = z.infer<typeof SessionsEndedAnswer>;

/** An application the account has been to; `sessions` is in how many live sessions. */
export const AccountApplication = z
  .object({
    clientId: ClientId,
    name: z.string(),
    scopes: z.array(z.string()),
    firstUsedAt: z.iso.datetime(),
    sessions: z.int().nonnegative(),
  })
  .meta({ id: 'AccountApplication' });
export type AccountApplication = z.infer<typeof AccountApplication>;

export const AccountApplicationsAnswer = z.object({ applications: z.array(AccountApplication) });
export type AccountApplicationsAnswer = z.infer<typeof AccountApplicationsAnswer>;

/** All roles the account shall have. They hold from the next token on; older tokens are dead. */
export const NewRoles = z.strictObject({
  roles: z
    .array(Role)
    .max(20)
    .refine((roles) => new Set(roles).size === roles.length, 'names a role twice'),
});
export type NewRoles = z.infer<typeof NewRoles>;
