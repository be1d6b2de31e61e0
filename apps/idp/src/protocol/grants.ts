import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { resourcesOf } from './client-metadata.ts';

/** What a token for the family's shared resource may do. */
export const familyScope = 'family';

/**
 * The grant this session gave this application; for an application of ours it is given at the first visit, for everything
 * the application is registered for, so that nobody is asked.
 */
export async function loadExistingGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, session, account, provider } = ctx.oidc;
  if (!client || !session || !account) return undefined;

  const id = session.grantIdFor(client.clientId);
  const known = id ? await provider.Grant.find(id) : undefined;
  if (known || client['firstParty'] !== true) return known;

  const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  const scope = (client.scope ?? 'openid').split(' ').filter((name) => name !== familyScope);
  grant.addOIDCScope(scope.join(' '));
  for (const resource of resourcesOf(client)) grant.addResourceScope(resource, familyScope);
  await grant.save();
  return grant;
}
