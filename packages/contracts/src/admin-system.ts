import { z } from 'zod';
import { ClientId } from './admin.ts';

/** GET /overview: the state of the whole installation. `mirrors` are the verifiers heard of in the last ten minutes; null: cannot be told for the moment. */
export const Overview = z
  .object({
    /** Estimated where counting would be slow; right to within a per cent or so. */
    accounts: z.int().nonnegative(),
    activeSessions: z.int().nonnegative(),
    bansInForce: z.int().nonnegative(),
    liveRevocations: z.int().nonnegative(),
    mirrors: z
      .array(
        z.object({
          app: z.string(),
          instance: z.string(),
          state: z.enum(['in_touch', 'not_seen']),
          lastSeenMs: z.number().nonnegative(),
        }),
      )
      .nullable(),
    signInsLastDay: z.int().nonnegative(),
    refusalsLastDay: z.int().nonnegative(),
  })
  .meta({ id: 'Overview' });
export type Overview = z.infer<typeof Overview>;

export const ClientSummary = z
  .object({ id: ClientId, name: z.string(), disabledAt: z.iso.datetime().nullable() })
  .meta({ id: 'Client' });
export type ClientSummary = z.infer<typeof ClientSummary>;

export const ClientsAnswer = z.object({ clients: z.array(ClientSummary) });
export type ClientsAnswer = z.infer<typeof ClientsAnswer>;

/** Every token issued before then is dead; not later than now. */
export const EveryoneBefore = z.strictObject({ before: z.iso.datetime({ offset: true }) });
export type EveryoneBefore = z.infer<typeof EveryoneBefore>;
