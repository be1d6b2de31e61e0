import { type Acr, acrValues, satisfies } from './assurance.ts';

/** Who may demand a level, and how. */
export type Demands = {
  /** `acr_values` of the request (OpenID Connect Core 3.1.2.1, RFC 9470): any one of them is enough. */
  acrValues?: string | undefined;
  /** Levels of which the request calls one essential (OpenID Connect Core 5.5.1.1). */
  essential?: string[] | undefined;
  /** Below which nobody enters this application. */
  minimumAcr?: string | undefined;
  /** Of the account. */
  roles?: string[] | undefined;
};

/** `level` undefined: any will do. `impossible`: one that we do not know is essential. */
export type Demand = { level: Acr | undefined; impossible: boolean };

const weakest: Acr = acrValues[0];
const twoFactors: Acr = 'urn:portcullis:acr:mfa';

/** The one level that satisfies everybody. Levels that we do not know do not count where they are only wished for. */
export function createDemandOf({ secondFactorRoles }: { secondFactorRoles: string[] }) {
  return ({ acrValues: wished, essential, minimumAcr, roles = [] }: Demands): Demand => {
    const demanded = [
      weakestOf(wished?.split(' ') ?? []),
      weakestOf(essential ?? []),
      weakestOf(minimumAcr ? [minimumAcr] : []),
      roles.some((role) => secondFactorRoles.includes(role)) ? twoFactors : undefined,
    ].filter((level) => level !== undefined);
    return {
      level: strongestOf(demanded),
      impossible: essential !== undefined && weakestOf(essential) === undefined,
    };
  };
}
export type DemandOf = ReturnType<typeof createDemandOf>;

function weakestOf(levels: string[]): Acr | undefined {
  return acrValues.find((level) => levels.includes(level));
}

/** The weakest of all demands nothing. */
export function strongestOf(levels: (Acr | undefined)[]): Acr | undefined {
  const strongest = acrValues.findLast((level) => levels.includes(level));
  return strongest !== undefined && satisfies(weakest, strongest) ? undefined : strongest;
}
