import { z } from 'zod';
import { AccountId, ClientId, Next, PageQuery, Publication, writtenText } from './admin.ts';

/** expired: its `until` has passed. */
export const BanState = z.enum(['in_force', 'lifted', 'expired']);
export type BanState = z.infer<typeof BanState>;

/** `bannedBy` and `liftedBy`: an account id, `cli:<name>`, or null for the system. */
export const Ban = z
  .object({
    id: z.uuid(),
    /** Without name and address when the account has been deleted since. */
    account: z.object({ id: AccountId, email: z.string().nullable(), name: z.string().nullable() }),
    /** The applications it shuts out from; null: everywhere. */
    clientIds: z.array(z.string()).nullable(),
    /** Internal. */
    reason: z.string(),
    /** What the person is told. */
    message: z.string().nullable(),
    bannedAt: z.iso.datetime(),
    bannedBy: z.string().nullable(),
    /** Of `bannedBy`, where it is an account. */
    bannedByName: z.string().nullable(),
    /** Lifts by itself then; null: until lifted. */
    until: z.iso.datetime().nullable(),
    /** From then on the person can sign in again. */
    liftedAt: z.iso.datetime().nullable(),
    liftedBy: z.string().nullable(),
    liftedByName: z.string().nullable(),
    state: BanState,
  })
  .meta({ id: 'Ban' });
export type Ban = z.infer<typeof Ban>;

const clientIds = z
  .array(ClientId)
  .min(1)
  .max(50)
  .refine((ids) => new Set(ids).size === ids.length, 'names an application twice')
  .optional();

const accountIds = z
  .array(AccountId)
  .min(1)
  .max(500)
  .refine((ids) => new Set(ids.map((id) => id.toLowerCase())).size === ids.length, 'names an account twice');

/** `until` in the future, with a zone; `clientIds` unset: everywhere. */
export const NewBan = z.strictObject({
  reason: writtenText(2000),
  message: writtenText(2000).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  clientIds,
});
export type NewBan = z.input<typeof NewBan>;

export const NewBulkBan = z.strictObject({ accountIds, ...NewBan.shape });
export type NewBulkBan = z.input<typeof NewBulkBan>;

export const BanPreviewRequest = z.strictObject({ clientIds });
export type BanPreviewRequest = z.input<typeof BanPreviewRequest>;

export const BulkBanPreviewRequest = z.strictObject({ accountIds, clientIds });
export type BulkBanPreviewRequest = z.input<typeof BulkBanPreviewRequest>;

/** What a ban would end: live sessions, applications by name, devices (distinct user agents per account). */
export const BanPreview = z
  .object({
    sessions: z.int().nonnegative(),
    applications: z.array(z.string()),
    devices: z.int().nonnegative(),
  })
  .meta({ id: 'BanPreview' });
export type BanPreview = z.infer<typeof BanPreview>;

/** The same over all accounts; `accounts` is how many of the named ones exist. */
export const BulkBanPreview = BanPreview.extend({ accounts: z.int().nonnegative() }).meta({ id: 'BulkBanPreview' });
export type BulkBanPreview = z.infer<typeof BulkBanPreview>;

export const BanAnswer = z.object({ ban: Ban, delivery: Publication });
export type BanAnswer = z.infer<typeof BanAnswer>;

/** One per account, in the order asked for. */
export const BulkBanResult = z
  .discriminatedUnion('ok', [
    z.object({ accountId: AccountId, ok: z.literal(true), banId: z.uuid() }),
    z.object({ accountId: AccountId, ok: z.literal(false), error: z.string() }),
  ])
  .meta({ id: 'BulkBanResult' });
export type BulkBanResult = z.infer<typeof BulkBanResult>;

export const BulkBanAnswer = z.object({ results: z.array(BulkBanResult), delivery: Publication });
export type BulkBanAnswer = z.infer<typeof BulkBanAnswer>;

/** The bans that were in force and are not any more. */
export const LiftAnswer = z.object({ bans: z.array(Ban), delivery: Publication });
export type LiftAnswer = z.infer<typeof LiftAnswer>;

/** ended: lifted or expired. The newest first. */
export const BansQuery = z.strictObject({ status: z.enum(['in_force', 'ended']).optional(), ...PageQuery.shape });
export type BansQuery = z.infer<typeof BansQuery>;

export const BansAnswer = z.object({ bans: z.array(Ban), next: Next });
export type BansAnswer = z.infer<typeof BansAnswer>;

/** All bans of one account, the newest first. */
export const AccountBansAnswer = z.object({ bans: z.array(Ban) });
export type AccountBansAnswer = z.infer<typeof AccountBansAnswer>;

/**
 * One verifier's word on a ban. enforced: it refuses, since `afterMs` after publication; not_seen: it has not been
 * heard of for more than five seconds. `lastSeenMs`: how long ago it was heard of.
 */
export const Receipt = z
  .object({
    app: z.string(),
    instance: z.string(),
    state: z.enum(['enforced', 'waiting', 'not_seen']),
    afterMs: z.number().nonnegative().nullable(),
    lastSeenMs: z.number().nonnegative(),
  })
  .meta({ id: 'Receipt' });
export type Receipt = z.infer<typeof Receipt>;

/** One message to an application or a webhook; `recipient` is the client's id or the webhook's name. */
export const Delivery = z
  .object({
    id: z.string(),
    channel: z.enum(['backchannel_logout', 'webhook']),
    recipient: z.string(),
    state: z.enum(['waiting', 'delivered', 'retrying', 'given_up']),
    attempts: z.int().nonnegative(),
    lastError: z.string().nullable(),
    deliveredAt: z.iso.datetime().nullable(),
    nextAttemptAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof Delivery>;

/** complete: published, enforced by every verifier and delivered to everybody. */
export const Receipts = z
  .object({
    /** null: not yet. */
    publishedAt: z.iso.datetime().nullable(),
    /** null: cannot be told for the moment. */
    mirrors: z.array(Receipt).nullable(),
    deliveries: z.array(Delivery),
    complete: z.boolean(),
  })
  .meta({ id: 'Receipts' });
export type Receipts = z.infer<typeof Receipts>;
