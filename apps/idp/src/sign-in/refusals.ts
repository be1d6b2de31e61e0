import type { Redis } from 'ioredis';
import type { AuthenticationRefusal } from '#passkeys/authentication.ts';
import type { RegistrationRefusal } from '#passkeys/registration.ts';

export type Problem =
  | {
      reason:
        | 'incomplete'
        | 'wrong_credentials'
        | 'code_missing'
        | 'wrong_code'
        | 'authenticator_gone'
        | 'key_too_weak';
    }
  | { reason: 'passkey'; because: AuthenticationRefusal | RegistrationRefusal }
  | { reason: 'throttled' | 'sent_just_now' | 'busy'; retryAfterSeconds: number };

/** Why a step was not accepted, with what the person had filled in but for anything secret. */
export type Refusal = { problem: Problem; email?: string; remember?: boolean };

const lifeSeconds = 60;
export type Refusals = ReturnType<typeof createRefusals>;

/**
 * A refused form is answered with a redirect to the page, which then says what was wrong: so "back" and "reload" meet a
 * page and never a form to be sent again. In between the refusal waits here, for the sign-in it belongs to, to be read once.
 */
export function createRefusals(redis: Pick<Redis, 'set' | 'getdel'>) {
  return { keep, take };

  async function keep(uid: string, refusal: Refusal): Promise<void> {
    await redis.set(keyOf(uid), JSON.stringify(refusal), 'EX', lifeSeconds);
  }

  async function take(uid: string): Promise<Refusal | undefined> {
    const kept = await redis.getdel(keyOf(uid));
    return kept === null ? undefined : (JSON.parse(kept) as Refusal);
  }
}

/** Of the page that says so. */
export function statusOf({ problem }: Refusal): 422 | 429 | 503 {
  if (problem.reason === 'busy') return 503;
  return 'retryAfterSeconds' in problem ? 429 : 422;
}

function keyOf(uid: string): string {
  return `portcullis:refusal:${uid}`;
}
