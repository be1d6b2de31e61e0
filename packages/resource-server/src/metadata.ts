/** The issuer's own description of itself (OpenID Connect Discovery 1.0). Throws when it cannot be had or speaks for another. */
export async function discover(issuer: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { redirect: 'error', signal });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const metadata = (await response.json()) as Record<string, unknown>;
  if (metadata['issuer'] !== issuer) throw new Error(`${url} speaks for another issuer`);
  return metadata;
}
