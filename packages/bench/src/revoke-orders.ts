import type { Capacity } from './revoke-capacity.ts';

/** What the bench asks of one process of the fleet. */
export type Order =
  | { step: 'start'; redisUrl: string; name: string; mirrors: number; revocations: number }
  /** Mirrors (numbers) that are said to enforce a revocation; answered with how many of them say clear. */
  | { step: 'check'; revocation: number; mirrors: number[] }
  | { step: 'collect' }
  | { step: 'capacity'; redisUrl: string; entries: number };
export type Reply = { refusedAt?: number[][]; heardAt?: number[][]; clear?: number; capacity?: Capacity };
export type Answer = { ok: true; reply: Reply } | { ok: false; error: string };

/** One clock for all processes of a machine, in ms. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export const peerChannel = 'bench:peer';

export function subjectOf(revocation: number): string {
  return `subject-${revocation}`;
}
