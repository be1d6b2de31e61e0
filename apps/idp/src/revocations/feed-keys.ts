import { setTimeout as delay } from 'node:timers/promises';

/** Every node has read its new keys by then, so whoever fetches the JWKS because of us gets the new one from any of them. */
const settleMs = 1500;

/** Calls `onChange` when the keys in the JWKS are others than at the last `reload`. */
export function watchKeys({ kids, onChange }: { kids: () => Promise<string[]>; onChange: () => void }) {
  let known: string | undefined;
  return { reload };

  async function reload(): Promise<void> {
    const present = (await kids()).toSorted().join(' ');
    if (known !== undefined && known !== present) void delay(settleMs, undefined, { ref: false }).then(onChange);
    known = present;
  }
}
