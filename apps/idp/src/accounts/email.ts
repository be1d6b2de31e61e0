/**
 * The form under which an address is matched and counted: two spellings of one address (case, full-width letters,
 * stray spaces) are one account and one throttle. Lower-casing can undo NFKC, hence the second pass.
 */
export function normalizeEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
}
