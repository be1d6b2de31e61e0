/** Milliseconds of one clock: when the request went out, and when the answer was there. */
type Span = { start: number; end: number };

/** What a token says of itself. `family`: everything that one sign-in at one client led to. */
export type TokenFacts = { id: string; sub: string; session: string; client: string; family: string };

/**
 * Who is cut off, and for how long. What an act of `until: 'lifted'` covers may not be had again before a `lift` of the
 * account; of every other act, what was had before it.
 */
export type Cut = { sub: string; session?: string; family?: string; until?: 'lifted' };

/** `unanswered`: nobody knows whether it was done. `unavailable`: the other side said that it cannot say. */
export type Outcome = 'accepted' | 'refused' | 'unavailable' | 'unanswered';

export type Operation = Span & { outcome: Outcome } & (
    | { kind: 'redeem'; handle: string; sub: string; token?: TokenFacts }
    /** An application is shown a token. */
    | { kind: 'present'; at: string; token: TokenFacts }
    /** A password at the sign-in page. */
    | { kind: 'sign-in'; sub: string; session?: string }
    /** An application is shown its cookie; `seen` is whom it takes the visitor for. */
    | { kind: 'page'; at: string; sub: string; session: string; seen?: string }
    /** The provider is shown its cookie. */
    | { kind: 'single-sign-on'; sub: string; session: string; seen?: string }
    | { kind: 'revoke'; act: string; cut: Cut }
    | { kind: 'lift'; sub: string }
  );

export type Invariant =
  | 'a handle is redeemed once'
  | 'what was revoked is refused within the bound'
  | 'a session that was ended does not authenticate'
  | 'an acknowledged ban is not lost'
  | 'tokens are for accounts that are not banned'
  | 'the account of a session does not change';

export type Violation = { invariant: Invariant; operation: Operation; because?: Operation | undefined };

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>;

/**
 * Judges a history afterwards, from what was observed alone.
 * - `boundMs`: for so long after an acknowledged revocation an application may still accept.
 * - `settledAt`: from then on all is healed, and a ban in force has to be met with a refusal, not with silence.
 */
export function judge(history: Operation[], o: { boundMs: number; settledAt: number }): Violation[] {
  const acts = of(history, 'revoke').filter(({ outcome }) => outcome === 'accepted');
  const actsOn = Map.groupBy(acts, ({ cut }) => cut.sub);
  const lifts = Map.groupBy(of(history, 'lift'), ({ sub }) => sub);
  return [
    ...redeemedTwice(history),
    ...acceptedTooLate(history),
    ...authenticatedTooLate(history),
    ...lostBans(history),
    ...forBannedAccounts(history),
    ...changedAccounts(history),
  ];

  function redeemedTwice(all: Operation[]): Violation[] {
    const first = new Map<string, Operation>();
    return of(all, 'redeem').flatMap((operation) => {
      if (operation.outcome !== 'accepted') return [];
      const because = first.get(operation.handle);
      first.set(operation.handle, operation);
      return because ? [{ invariant: 'a handle is redeemed once', operation, because }] : [];
    });
  }

  function acceptedTooLate(all: Operation[]): Violation[] {
    const had = new Map(of(all, 'redeem').map((operation) => [operation.token?.id, operation]));
    return of(all, 'present').flatMap((operation) => {
      if (operation.outcome !== 'accepted') return [];
      const { token } = operation;
      const because = actsOn
        .get(token.sub)
        ?.find(
          (act) =>
            operation.start > act.end + o.boundMs && isCut(act, { ...token, had: had.get(token.id) ?? operation }),
        );
      return because ? [{ invariant: 'what was revoked is refused within the bound', operation, because }] : [];
    });
  }

  /** The provider knows at once, an application within the bound. */
  function authenticatedTooLate(all: Operation[]): Violation[] {
    const began = new Map(of(all, 'sign-in').map((operation) => [operation.session, operation]));
    return [...of(all, 'page'), ...of(all, 'single-sign-on')].flatMap((operation) => {
      if (operation.outcome !== 'accepted') return [];
      const { sub, session } = operation;
      const bound = operation.kind === 'page' ? o.boundMs : 0;
      const because = actsOn
        .get(sub)
        ?.find(
          (act) => operation.start > act.end + bound && isCut(act, { session, had: began.get(session) ?? operation }),
        );
      return because ? [{ invariant: 'a session that was ended does not authenticate', operation, because }] : [];
    });
  }

  function lostBans(all: Operation[]): Violation[] {
    return [...of(all, 'sign-in'), ...of(all, 'present')].flatMap((operation) => {
      if (operation.start < o.settledAt || operation.outcome === 'refused') return [];
      const sub = operation.kind === 'present' ? operation.token.sub : operation.sub;
      const because = banInForce(sub, operation);
      return because ? [{ invariant: 'an acknowledged ban is not lost', operation, because }] : [];
    });
  }

  function forBannedAccounts(all: Operation[]): Violation[] {
    return [...of(all, 'redeem'), ...of(all, 'sign-in')].flatMap((operation) => {
      const because = operation.outcome === 'accepted' ? banInForce(operation.sub, operation) : undefined;
      return because ? [{ invariant: 'tokens are for accounts that are not banned', operation, because }] : [];
    });
  }

  function changedAccounts(all: Operation[]): Violation[] {
    return [...of(all, 'page'), ...of(all, 'single-sign-on'), ...of(all, 'redeem')].flatMap((operation) => {
      const seen = operation.kind === 'redeem' ? operation.token?.sub : operation.seen;
      const changed = operation.outcome === 'accepted' && seen !== undefined && seen !== operation.sub;
      return changed ? [{ invariant: 'the account of a session does not change', operation }] : [];
    });
  }

  /** The ban that was acknowledged before this began, and that nobody began to lift before this had ended. */
  function banInForce(sub: string, { start, end }: Span): Of<'revoke'> | undefined {
    return actsOn.get(sub)?.find((act) => act.cut.until === 'lifted' && act.end < start && liftAfter(act) > end);
  }

  /** Whether this act on the account covers what was had then: certainly, whatever the order of things that overlapped. */
  function isCut(act: Of<'revoke'>, it: { session: string; family?: string; had: Span }): boolean {
    const { cut } = act;
    if (cut.session !== undefined && cut.session !== it.session) return false;
    if (cut.family !== undefined && cut.family !== it.family) return false;
    return it.had.end < (cut.until === 'lifted' ? liftAfter(act) : act.start);
  }

  /** When somebody first began to lift it. */
  function liftAfter(act: Of<'revoke'>): number {
    const later = (lifts.get(act.cut.sub) ?? []).filter(({ end }) => end > act.start);
    return Math.min(...later.map(({ start }) => start));
  }
}

function of<Kind extends Operation['kind']>(all: Operation[], kind: Kind): Of<Kind>[] {
  return all.filter((operation): operation is Of<Kind> => operation.kind === kind);
}
