/** Where our passkeys work. Origin and id are compared as they are: no suffix, no other port, no list. */
export type Site = { origin: string; rpId: string; name: string };

/** How long a person may look for the key in the drawer; WebAuthn Level 3, section 15.1. */
export const ceremonyMs = 5 * 60 * 1000;
