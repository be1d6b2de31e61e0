import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { normalizeEmail } from '#accounts/email.ts';
import type { ParkedSession, ParkedSessions } from './parked-sessions.ts';

type Parked = Pick<ParkedSessions, 'list'>;

/**
 * When the account must be chosen, besides `prompt=select_account`: when the request names one that is signed in here in
 * the background, and when nobody is current but somebody is there. So nobody is ever switched without a choice.
 */
export function accountPrompt(parked: Parked): interactionPolicy.Prompt {
  const { Check, Prompt } = interactionPolicy;
  const several = new Check(
    'several_signed_in',
    'one of the accounts that are signed in has to be chosen',
    'login_required',
    async (ctx) => {
      const { session, result, prompts } = ctx.oidc;
      if (prompts.has('none') || (result && 'select_account' in result)) return false;
      if (isHinting(ctx)) return (await hinted(ctx, parked)) !== undefined;
      return session?.accountId === undefined && (await parked.list(ctx)).length > 0;
    },
    async (ctx) => ({ hinted: (await hinted(ctx, parked))?.accountId }),
  );
  return new Prompt({ name: 'select_account', requestable: true }, several);
}

function isHinting({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.entities.IdTokenHint !== undefined || oidc.params?.['login_hint'] !== undefined;
}

/** The account that the request is for, where that is not the current one. */
async function hinted(ctx: KoaContextWithOIDC, parked: Parked): Promise<ParkedSession | undefined> {
  if (!isHinting(ctx)) return undefined;
  const { IdTokenHint: token } = ctx.oidc.entities;
  const hint = ctx.oidc.params?.['login_hint'];
  const email = typeof hint === 'string' ? normalizeEmail(hint) : '';
  const names = (session: ParkedSession): boolean =>
    token ? session.accountId === token.payload.sub : normalizeEmail(session.email) === email;
  return (await parked.list(ctx)).find(names);
}
