import { z } from 'zod';
import { AccountId, ClientId, Next, PageQuery, writtenText } from './admin.ts';

/** `detail` depends on the action and is for people who look closer. */
export const AuditEvent = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    /** Who did it: an account id with its name, `cli:<name>`; null: the system by itself. */
    actor: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
    /** For example `ban.created`. */
    action: z.string(),
    /** Whom it was done to; without address when the account has been deleted since. */
    account: z.object({ id: AccountId, email: z.string().nullable() }).nullable(),
    clientId: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
    /** Where the network address in `detail` is, if there is one and that is known. */
    place: z.string().nullable(),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEvent = z.infer<typeof AuditEvent>;

const filters = {
  action: z
    .string()
    .regex(/^[a-z_]{1,64}\.[a-z_]{1,64}$/, 'is not an action')
    .optional(),
  actor: writtenText(255).optional(),
  accountId: AccountId.optional(),
  clientId: ClientId.optional(),
  /** From then on, with a zone. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** Before then. */
  to: z.iso.datetime({ offset: true }).optional(),
};

/** The newest first. */
export const AuditQuery = z.strictObject({ ...filters, ...PageQuery.shape });
export type AuditQuery = z.infer<typeof AuditQuery>;

/** The whole of what the filters leave, the oldest first. */
export const AuditExportQuery = z.strictObject({ ...filters, format: z.enum(['csv', 'ndjson']).default('csv') });
export type AuditExportQuery = z.infer<typeof AuditExportQuery>;

export const AuditAnswer = z.object({ events: z.array(AuditEvent), next: Next });
export type AuditAnswer = z.infer<typeof AuditAnswer>;
