import { z } from 'zod';

const hidden = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--[\u200c\u200d]]/v;
const visible = /[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800]]/v;

/**
 * What a person is called, on a line of its own: something to see, and nothing hidden that could turn round what stands
 * beside it. The joiners (U+200C, U+200D) stay, for Persian and Indic scripts are written with them.
 */
export const PersonName = z
  .string()
  .trim()
  .max(200)
  .refine((name) => visible.test(name) && !hidden.test(name));
