import type { Redis } from 'ioredis';
import type { BanNotice } from '#accounts/service.ts';
import type { SignInForm } from './views.ts';

/** Why a sign-in was not accepted, with what the person had filled in but for the password. */
export type Refusal =
  | ({ kind: 'form'; status: 422 | 429 | 503 } & SignInForm)
  | { kind: 'banned'; ban: BanNotice }
  | { kind: 'disabled' };

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
    return kept === null ? undefined : (JSON.parse(kept, dates) as Refusal);
  }
}

function keyOf(uid: string): string {
  return `portcullis:refusal:${uid}`;
}

function dates(name: string, value: unknown): unknown {
  return name === 'until' && typeof value === 'string' ? new Date(value) : value;
}
