/** Where our passkeys work. Origin and id are compared as they are: no suffix, no other port, no list. */
export type Site = { origin: string; rpId: string; name: string };
