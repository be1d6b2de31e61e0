import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { type Acr, satisfies } from '#sign-in/assurance.ts';
import type { DemandOf } from '#sign-in/demand.ts';
import type { TokenAccount } from './claims.ts';
import { consentPrompt } from './consent-prompt.ts';
import { accountPrompt } from './account-prompt.ts';
import type { ParkedSessions } from './parked-sessions.ts';

/** Why somebody who is signed in is asked again, where nothing but the level is missing. */
export const levelTooLow = 'level_too_low';

/**
 * When a person must be asked. The library takes a session as proof that its account may go on; ours can be disabled, or
 * banned from this one application, while the session lives: then the sign-in page is the place where that is said. And
 * the session must have reached the level that the request, the application and the account's roles demand: a stronger
 * one will do, which the library, comparing names, would not accept.
 */
export function interactionPrompts(
  demandOf: DemandOf,
  parked: Pick<ParkedSessions, 'list'>,
): interactionPolicy.DefaultPolicy {
  const { Check } = interactionPolicy;
  const prompts = interactionPolicy.base();
  prompts.add(accountPrompt(parked), 0);
  prompts.remove('consent');
  prompts.add(consentPrompt());
  const { checks } = prompts.get('login') ?? {};
  checks?.remove('essential_acr');
  checks?.remove('essential_acrs');
  checks?.add(
    new Check(
      'account_refused',
      'the account may not use this application now',
      'login_required',
      ({ oidc }) => oidc.session?.accountId !== undefined && oidc.account === undefined,
    ),
  );
  checks?.add(
    new Check(levelTooLow, 'a stronger sign-in is needed', 'login_required', (ctx) => {
      const level = demandIn(ctx, demandOf);
      const { session } = ctx.oidc;
      return session?.accountId !== undefined && level !== undefined && !satisfies(session.acr, level);
    }),
  );
  return prompts;
}

/** From what the request has read already: no look-up of its own. */
function demandIn({ oidc }: KoaContextWithOIDC, demandOf: DemandOf): Acr | undefined {
  const { client, params, account } = oidc;
  return demandOf({
    acrValues: textOf(params?.['acr_values']),
    minimumAcr: textOf(client?.['minimum_acr']),
    roles: (account as TokenAccount | undefined)?.roles,
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
