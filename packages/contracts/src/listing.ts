import { z } from 'zod';

/**
 * What every list of the family's JSON APIs understands. Without `all` the caller gets their own rows;
 * `all=1` asks for everyone's and needs the role `analyst`. Pages run backwards in time: `before` is the `next` of the page before.
 */
export const ListingQuery = z.strictObject({
  all: z.literal('1').optional(),
  before: z.coerce.number().int().positive().max(2_147_483_647).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type ListingQuery = z.infer<typeof ListingQuery>;

/** The role that may read everyone's rows. */
export const ANALYST = 'analyst';

/** The scope every token needs at the family's JSON APIs. */
export const FAMILY_SCOPE = 'family';
