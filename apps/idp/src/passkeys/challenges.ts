import type { Redis } from 'ioredis';

export type Ceremony = 'sign-in' | 'second-factor' | 'registration';

/** `accountId`: only for the ceremonies that know whose passkey it will be. `userHandle`: only for a registration. */
type Challenge = { challenge: string; accountId: string | null; userHandle?: string };

const lifeSeconds = 15 * 60;
export type Challenges = ReturnType<typeof createChallenges>;

/**
 * Challenges wait in Redis, one for each ceremony of each flow (`binding`); a new one takes the place of the last.
 * Whatever comes back uses it up, right or wrong: of two answers at once one finds it.
 */
export function createChallenges(redis: Pick<Redis, 'set' | 'getdel'>) {
  return { keep, take };

  async function keep(ceremony: Ceremony, binding: string, challenge: Challenge): Promise<void> {
    await redis.set(keyOf(ceremony, binding), JSON.stringify(challenge), 'EX', lifeSeconds);
  }

  /** Undefined: none was made, it is older than a quarter of an hour, or it is used up. */
  async function take(ceremony: Ceremony, binding: string): Promise<Challenge | undefined> {
    const kept = await redis.getdel(keyOf(ceremony, binding));
    return kept === null ? undefined : (JSON.parse(kept) as Challenge);
  }
}

function keyOf(ceremony: Ceremony, binding: string): string {
  return `portcullis:passkey:${ceremony}:${binding}`;
}
