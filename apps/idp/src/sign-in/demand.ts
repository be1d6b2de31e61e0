import { type Acr, acrValues, satisfies } from './assurance.ts';

/** Who may demand a level, and how. */
export type Demands = {
  /** `acr_values` of the request (OpenID Connect Core 3.1.2.1, RFC 9470): any one of them is enough. */
  acrValues?: string | undefined;
  /** Below which nobody enters this application. */
  minimumAcr?: string | undefined;
  /** Of the account. */
  roles?: string[] | undefined;
};

const twoFactors: Acr = 'urn:portcullis:acr:mfa';
export type DemandOf = ReturnType<typeof createDemandOf>;

/** The one level that satisfies everybody, or undefined: any will do. Levels that nobody knows are not demanded. */
export function createDemandOf({ secondFactorRoles }: { secondFactorRoles: string[] }) {
  return ({ acrValues: wished, minimumAcr, roles = [] }: Demands): Acr | undefined => {
    const demanded = [
      weakestOf(wished?.split(' ') ?? []),
      weakestOf(minimumAcr ? [minimumAcr] : []),
      roles.some((role) => secondFactorRoles.includes(role)) ? twoFactors : undefined,
    ];
    const strongest = acrValues.findLast((level) => demanded.includes(level));
    return strongest && !satisfies(acrValues[0], strongest) ? strongest : undefined;
  };
}

function weakestOf(levels: string[]): Acr | undefined {
  return acrValues.find((level) => levels.includes(level));
}
