import type { Context } from 'koa';
import type { Jar } from './cookies.ts';
import type { Seal } from './seal.ts';

/** Beyond which a session needs a new sign-in (OWASP ASVS 7.3): after so long without use, and after so long altogether. */
export type SessionLimits = { idleSeconds: number; absoluteSeconds: number };

/** Of the session with this `sid`; epoch seconds. */
export type SessionTimes = { sid: string; startedAt: number; usedAt: number };

/** Use is noted so often at most: a session may end this much early, never late. */
const noteSeconds = 30;
/** The times outlive the session, so that the person can be told. */
const toldSeconds = 14 * 24 * 3600;

type Deps = { jar: Jar; seal: Seal<SessionTimes>; limits: SessionLimits | undefined };

/** In a cookie of its own: noting a use must not bring back the tokens of a moment ago. */
export function createSessionClock({ jar, seal, limits }: Deps) {
  return { start, isOver };

  async function start(ctx: Context, sid: string): Promise<void> {
    if (limits) await note(ctx, { sid, startedAt: now(), usedAt: now() });
  }

  /** Whether the session had run out before this request; otherwise it counts as used now. */
  async function isOver(ctx: Context, sid: string): Promise<boolean> {
    if (!limits) return false;
    const cookie = jar.read(ctx, '_times');
    const times = cookie === undefined ? undefined : await seal.open(cookie);
    if (times?.sid !== sid) return true;
    const [age, idle] = [now() - times.startedAt, now() - times.usedAt];
    if (age >= limits.absoluteSeconds || idle >= limits.idleSeconds) return true;
    if (idle >= noteSeconds) await note(ctx, { ...times, usedAt: now() });
    return false;
  }

  async function note(ctx: Context, times: SessionTimes): Promise<void> {
    jar.write(ctx, '_times', await seal.seal(times, toldSeconds), toldSeconds);
  }
}

export type SessionClock = ReturnType<typeof createSessionClock>;

function now(): number {
  return Date.now() / 1000;
}
