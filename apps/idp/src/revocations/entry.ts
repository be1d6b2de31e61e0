import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cause, Target } from '@portcullis/revocation';
import type { RequiredEntityData } from '@mikro-orm/core';
import { accessTokenSeconds } from '#config.ts';
import type { LedgerEntry } from './entity.ts';

/** Clocks that differ, the tolerance of verifiers, and an answer still on its way when the act was recorded. */
const skewSeconds = 60;

/** How long after its issue a token can be taken for alive by anybody. */
export const tokenReachSeconds = accessTokenSeconds + skewSeconds;

export type NewRevocation = {
  target: Target;
  cause: Cause;
  /**
   * Tokens issued up to then are dead; null: every token, whatever its `iat`, so that none in flight slips through.
   * What names a session or a single token takes null: no new token is ever issued for it, so nobody new is hit.
   */
  issuedBefore: Date | null;
  /** With `issuedBefore: null`: from the act on nobody gets a token for the target, so the entry has an end. */
  noneFollow?: true;
  /** An account id, `cli:<name>`, or null when the system acted by itself. */
  actor: string | null;
  /** Whose history shows it, when the target does not say. */
  accountId?: string;
  detail?: Record<string, unknown>;
};

/** `iat` has a grain of one second: rounding up leaves no token of the very second of the act alive. */
export function wholeSecond(at: Date): Date {
  return new Date(Math.ceil(at.getTime() / 1000) * 1000);
}

/** When the second of this moment is over: what is issued from then on is later than what was "issued up to" it. */
export async function nextSecond(at: Date): Promise<void> {
  const opensAt = Math.floor(at.getTime() / 1000) * 1000 + 1000;
  await delay(Math.max(0, opensAt - Date.now()) + 5); // timers may fire a little before the clock turns
}

export function expiryAfter(lastIssuedAt: Date): Date {
  return new Date(wholeSecond(lastIssuedAt).getTime() + tokenReachSeconds * 1000);
}

export function newRow(entry: NewRevocation, at: Date): RequiredEntityData<LedgerEntry> {
  const { kind } = entry.target;
  const noneFollow = entry.noneFollow || kind === 'session' || kind === 'token';
  const lastIssuedAt = entry.issuedBefore ?? (noneFollow ? at : null);
  return {
    id: randomUUID(),
    seq: null,
    target: entry.target,
    cause: entry.cause,
    issuedBefore: entry.issuedBefore && wholeSecond(entry.issuedBefore),
    actor: entry.actor,
    recordedAt: at,
    expiresAt: lastIssuedAt && expiryAfter(lastIssuedAt),
    publishedAt: null,
  };
}

/** A row as it travels. Numbers and not dates: at a rebuild, parsing a hundred thousand dates would be half of the work. */
export const wireColumns = `
  id, seq::float8, target, cause,
  extract(epoch from issued_before)::float8 as "issuedBefore",
  trunc(extract(epoch from recorded_at) * 1000)::float8 as "recordedAt",
  extract(epoch from expires_at)::float8 as "expiresAt"`;
