import { createHash } from 'node:crypto';

import type { Redis } from 'ioredis';

import { addressKey } from './address.ts';
import { createCounter, type Place } from './counter.ts';
import { createPatience } from './patience.ts';
import type { FamiliarBrowser } from './familiar-browsers.ts';
import type { Counting } from './places.ts';

/** How many guesses may be open or failed at once, per account and per address. */
export type Limits = { account: number; address: number };

export type Throttle = ReturnType<typeof createThrottle>;

/** Every place one attempt takes is given back by exactly one of these calls, or kept: then it was a wrong guess. */
export type Reservation = {
  ok: true;
  /**
   * The secret was right, and it was the last that is wanted: the account starts afresh; the address gets back this one
   * place only (an attacker's own account must not clear it).
   */
  succeeded(): Promise<void>;
  /** Nothing was tested (we were too busy), or the secret was right and another is still wanted: the places come back. */
  untested(): Promise<void>;
};

type Guesser = {
  /** The normalised e-mail address the guess is for, whether or not such an account exists. */
  account: string;
  /** One that has signed in to this account before: it is counted by itself, so that nobody else's guesses keep the owner out. */
  browser?: FamiliarBrowser | undefined;
};
export type Attempt = Guesser & {
  address: string;
  /** A guess at a second factor: fewer of these may fail. */
  factor?: boolean;
};

const windowSeconds = 15 * 60;
const accountLocks = { longestSeconds: 60 * 60, rememberedSeconds: 24 * 60 * 60 };
/** Whoever guesses here has the password already, and the codes are short: with these, a guess in a million stays one for years. */
const factorLocks = { longestSeconds: 24 * 60 * 60, rememberedSeconds: 7 * 24 * 60 * 60 };

/**
 * Counts guesses at secrets across all nodes: one count per account for all of them. A place is reserved
 * BEFORE the secret is tested, so parallel guesses cannot overtake the count.
 * An account's places come free 15 minutes after the last attempt that got one; when all are taken the lock grows
 * 15 → 30 → 60 minutes with each time in a day, is never prolonged by attempts made during it, and so never becomes
 * permanent. An address may stand for a whole office: its places come free every 15 minutes. Besides, of the guesses at
 * second factors five may fail within 5 minutes, and their lock doubles from there up to a day. Whoever has
 * the password only can buy no more of these: not by completing sign-ins that it is enough for, nor in ever new browsers.
 * With Redis away a stricter limiter in this process stands in (F-03).
 */
export function createThrottle(deps: { redis: Redis; limits?: Limits }) {
  const limits = deps.limits ?? { account: 10, address: 100 };
  const patiently = createPatience();
  const counting = (o: Counting) => createCounter(deps.redis, o, patiently);
  const accounts = counting({ name: 'account', points: limits.account, windowSeconds, growingLock: accountLocks });
  const addresses = counting({ name: 'address', points: limits.address, windowSeconds, growingLock: null });
  const factors = counting({ name: 'factor', points: 5, windowSeconds: 5 * 60, growingLock: factorLocks });

  return { reserve, clear, passwordRenewed };

  async function reserve(attempt: Attempt): Promise<Reservation | { ok: false; retryAfterSeconds: number }> {
    // The address first: one that is past its own limit can no longer lock anybody's account.
    const byAddress = await addresses.take(addressKey(attempt.address));
    if (byAddress.waitSeconds > 0) return { ok: false, retryAfterSeconds: byAddress.waitSeconds };
    const takeAccount = () => accounts.take(keyOf(attempt));
    const takeFactor = () => factors.take(factorKeyOf(attempt));
    const guesses: Place[] = [];
    for (const take of attempt.factor ? [takeFactor, takeAccount] : [takeAccount]) {
      const place = await take();
      if (place.waitSeconds > 0) {
        await Promise.all(guesses.map((taken) => taken.giveBack()));
        return { ok: false, retryAfterSeconds: place.waitSeconds };
      }
      guesses.push(place);
    }
    return {
      ok: true,
      succeeded: async () => {
        await Promise.all([byAddress.giveBack(), ...guesses.map((place) => place.clear())]);
      },
      untested: async () => {
        await Promise.all([byAddress.giveBack(), ...guesses.map((place) => place.giveBack())]);
      },
    };
  }

  /** A sign-in is complete: the account starts afresh, its factors only where one was shown in it. */
  async function clear({ factorShown, ...guesser }: Guesser & { factorShown: boolean }): Promise<void> {
    await Promise.all([accounts.clear(keyOf(guesser)), factorShown && factors.clear(factorKeyOf(guesser))]);
  }

  /** Earlier guesses were at a password that is gone, or at none. Those at factors still count: a mailbox shall not buy new ones. */
  async function passwordRenewed(guesser: Guesser): Promise<void> {
    await accounts.clear(keyOf(guesser));
  }
}

/** Keys of one length, and no addresses of people in Redis. */
function keyOf({ account, browser }: Guesser): string {
  return createHash('sha256')
    .update(`${account}\0${browser?.name ?? ''}`)
    .digest('base64url');
}

/** A browser that has shown a password alone is as good as any other. */
function factorKeyOf({ account, browser }: Guesser): string {
  return keyOf({ account, browser: browser?.factorShown ? browser : undefined });
}
