import { z } from 'zod';

export const countries = [
  'Austria',
  'Belgium',
  'Czechia',
  'Denmark',
  'Finland',
  'France',
  'Germany',
  'Greece',
  'Ireland',
  'Italy',
  'Luxembourg',
  'Netherlands',
  'Norway',
  'Poland',
  'Portugal',
  'Slovenia',
  'Spain',
  'Sweden',
  'Switzerland',
  'United Kingdom',
] as const;

/** One printed line of an address: not empty, not longer than a label, no line breaks or other control characters. */
function line(max: number, missing: string) {
  return z
    .string()
    .trim()
    .min(1, missing)
    .max(max, `At most ${max} characters, please.`)
    .regex(/^\P{Cc}*$/u, 'One line, without special characters, please.');
}

export const AddressForm = z.object({
  recipient: line(100, 'Who should we write on the parcel?'),
  street: line(120, 'Which street, and which number?'),
  postcode: line(12, 'We need a postcode.'),
  city: line(80, 'Which town or city?'),
  country: z.enum(countries, 'Choose one of the countries in the list.'),
});

/** What the form carries besides the address: which form it is, and the total the person saw. */
export const CheckoutForm = z.strictObject({
  ...AddressForm.shape,
  request_id: z.uuid(),
  total_cents: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
});
