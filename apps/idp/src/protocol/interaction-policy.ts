import { interactionPolicy } from 'oidc-provider';

/**
 * When a person must be asked. The library takes a session as proof that its account may go on; ours can be disabled, or
 * banned from this one application, while the session lives: then the sign-in page is the place where that is said.
 */
export function interactionPrompts(): interactionPolicy.DefaultPolicy {
  const prompts = interactionPolicy.base();
  const mayNotGoOn = new interactionPolicy.Check(
    'account_refused',
    'the account may not use this application now',
    'login_required',
    ({ oidc }) => oidc.session?.accountId !== undefined && oidc.account === undefined,
  );
  prompts.get('login')?.checks.add(mayNotGoOn);
  return prompts;
}
