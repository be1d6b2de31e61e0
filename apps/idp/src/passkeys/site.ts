/** Where our passkeys work. Both are compared as they are: no suffix, no other port, no list. */
export type Site = { origin: string; rpId: string };
