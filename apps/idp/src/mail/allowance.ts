import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { addressKey } from '#rate-limit/address.ts';
import { createCounter } from '#rate-limit/counter.ts';

const anHour = { windowSeconds: 3600, growingLock: null } as const;

/** Letters that strangers can cause: three an hour to an address, twenty an hour from a network. */
export type MailAllowance = ReturnType<typeof createMailAllowance>;

export function createMailAllowance({ redis }: { redis: Redis }) {
  const mailboxes = createCounter(redis, { name: 'letters-to', points: 3, ...anHour });
  const networks = createCounter(redis, { name: 'letters-from', points: 20, ...anHour });
  return { take };

  /**
   * Whether one more letter to `email` (normalised) may be asked for from the network address `address`; false is not told
   * to whoever asks. Taken before anything is looked up: it counts for addresses that nobody has, too.
   */
  async function take({ email, address }: { email: string; address: string }): Promise<boolean> {
    const network = await networks.take(addressKey(address));
    if (network.waitSeconds > 0) return false;
    const mailbox = await mailboxes.take(createHash('sha256').update(email).digest('base64url'));
    if (mailbox.waitSeconds === 0) return true;
    await network.giveBack(); // no letter goes out: an office is not held to what one of its people repeats
    return false;
  }
}
