import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { resourcesOf, scopeOf } from './client-metadata.ts';

/**
 * The grant this session gave this application; for an application of ours it is given at the first visit, for everything
 * the application is registered for, so that nobody is asked.
 */
export async function loadExistingGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, session, account, provider } = ctx.oidc;
  if (!client || !session || !account) return undefined;

  const id = session.grantIdFor(client.clientId);
  const known = id ? await provider.Grant.find(id) : undefined;
  if (known || client['first_party'] !== true) return known;

  const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  grant.addOIDCScope(client.scope ?? 'openid');
  for (const resource of resourcesOf(client)) grant.addResourceScope(resource, scopeOf(resource));
  await grant.save();
  return grant;
}
