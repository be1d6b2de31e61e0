export type Endpoints = { authorization: string; token: string; jwks: string };

/** A running server as the driver sees it; plain data, so it can cross to the driver's process. */
export type Target = { issuer: string; endpoints: Endpoints };

export async function discover(issuer: string): Promise<Target> {
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
  if (!answer.ok) throw new Error(`${issuer} answers ${answer.status} to discovery`);
  const found = (await answer.json()) as Record<string, string>;
  const { authorization_endpoint: authorization, token_endpoint: token, jwks_uri: jwks } = found;
  if (found['issuer'] !== issuer || !authorization || !token || !jwks)
    throw new Error(`${issuer} has a wrong discovery document: ${JSON.stringify(found)}`);
  return { issuer, endpoints: { authorization, token, jwks } };
}
