import type { EntityManager } from '@mikro-orm/postgresql';
import type { Context } from 'koa';
import type { Person } from '#accounts/lookup.ts';
import type { Accounts, Refused } from '#accounts/service.ts';
import type { Interactions, InteractionState, SignedIn, WaitingInteraction } from '#protocol/interactions.ts';
import type { Factors, SecondFactors } from '#second-factor/service.ts';
import type { DemandOf } from './demand.ts';
import type { ProgressStore } from './progress.ts';
import { type Attempt, newAttempt, type Policy, type Progress, type Step, stepOf } from './steps.ts';

/** A sign-in under way in this browser, and the one step it may take. */
export type UnderWay = {
  waiting: WaitingInteraction;
  progress: Progress;
  policy: Policy;
  step: Step;
  /** Whose it is, once that is shown. */
  person?: Person | undefined;
  /** The sign-in that holds at this browser and shall be made stronger or newer. */
  session?: SignedIn | undefined;
};
export type Found =
  | ({ state: 'under_way' } & UnderWay)
  | Extract<InteractionState, { state: 'expired' }>
  | { state: 'consent'; uid: string }
  | { state: 'refused'; waiting: WaitingInteraction; refusal: Refused };

type Deps = {
  interactions: Pick<Interactions, 'current' | 'session'>;
  progress: ProgressStore;
  accounts: Pick<Accounts, 'standing'>;
  secondFactors: Pick<SecondFactors, 'of'>;
  demandOf: DemandOf;
  emailCodes: boolean;
};
export type FindUnderWay = ReturnType<typeof createUnderWay>;

const noFactors: Factors = { totp: false, passkeys: 0, recoveryCodes: 0 };

export function createUnderWay({ interactions, progress, accounts, secondFactors, demandOf, emailCodes }: Deps) {
  return { find, judge };

  /** Asked anew at every step: a ban, a changed password or an ended session in between stops what is half done. */
  async function find(ctx: Context, em: EntityManager): Promise<Found> {
    const waiting = await interactions.current(ctx);
    if (waiting.state === 'expired') return waiting;
    if (waiting.prompt === 'consent') return { state: 'consent', uid: waiting.uid };
    const session = waiting.signedInAs === null ? undefined : await interactions.session(ctx);
    const known = await progressOf(waiting, session);
    if (!known.attempt) return { state: 'under_way', ...(await judge({ waiting, session, progress: known })) };
    const { accountId, since } = known.attempt;
    const standing = await accounts.standing(em, { accountId, clientId: waiting.client.id, since });
    if (standing.ok)
      return {
        state: 'under_way',
        ...(await judge({ waiting, session, progress: known, person: standing.person })),
      };
    await progress.end(waiting.uid);
    if (standing.reason !== 'outdated') return { state: 'refused', waiting, refusal: standing };
    return { state: 'under_way', ...(await judge({ waiting, session, progress: {} })) };
  }

  /** The step that is due with what is known by now. */
  async function judge(known: Omit<UnderWay, 'policy' | 'step'>): Promise<UnderWay> {
    const { waiting, person } = known;
    const factors = person ? await secondFactors.of(person.id) : noFactors;
    const level = demandOf({ ...waiting.demands, roles: person?.roles });
    const policy = { chooseAccount: waiting.chooseAccount, level, factors, emailCodes };
    return { ...known, policy, step: stepOf(known.progress, policy) };
  }

  /** Where only the level is too low, the session stands for its password, for as long as it lives. */
  async function progressOf({ uid, stepUp }: WaitingInteraction, session: SignedIn | undefined): Promise<Progress> {
    const { chosen, attempt } = await progress.read(uid);
    if (attempt) return isCarriedBy(attempt, session) ? { chosen, attempt } : { chosen };
    if (!stepUp || chosen !== undefined || !session?.amr.includes('pwd')) return { chosen };
    const { accountId, authenticatedAt: since, uid: carriedFrom } = session;
    const carried = newAttempt({ accountId, proofs: ['password'], since, remember: true, carriedFrom });
    await progress.begin(uid, carried);
    return { attempt: carried };
  }
}

function isCarriedBy({ carriedFrom }: Attempt, session: SignedIn | undefined): boolean {
  return carriedFrom === undefined || carriedFrom === session?.uid;
}
