import type { ClientDirectory, RegisteredClient } from '#clients/directory.ts';
import { ADMIN_RESOURCE } from '@portcullis/contracts';
import { matchesClientSecret } from '#clients/secrets.ts';
import type { AdapterPayload, Client } from 'oidc-provider';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';

/** The library cannot be told to leave `fragment` out: no client may use it, and discovery does not offer it. */
export const responseModes = ['query', 'form_post'];

/** What a token for a resource may do: one scope each, which the library, knowing scopes of OpenID Connect only, never sees. */
const resourceScopes = new Set(['family', 'admin']);
export function scopeOf(resource: string): string {
  return resource === ADMIN_RESOURCE ? 'admin' : 'family';
}

/** Our own registration fields, beside those of OpenID Connect Dynamic Client Registration. */
export const extraClientProperties = [
  'first_party',
  'resources',
  'allowed_origins',
  'nonce_instead_of_pkce',
  'minimum_acr',
];

export function clientMetadata(client: RegisteredClient): AdapterPayload {
  const { metadata } = client;
  return {
    ...metadata,
    scope: withoutResourceScopes(String(metadata['scope'])),
    client_id: client.id,
    client_name: client.name,
    first_party: client.firstParty,
    ...(client.uri ? { client_uri: client.uri } : undefined),
    ...(client.logoUri ? { logo_uri: client.logoUri } : undefined),
    // The library wants a secret where one is used; ours are hashes, compared by checkHashedSecrets below.
    ...(metadata['token_endpoint_auth_method'] === 'none' ? undefined : { client_secret: 'kept as a hash' }),
  } as AdapterPayload;
}

function withoutResourceScopes(scope: string): string | undefined {
  const names = scope.split(' ').filter((name) => !resourceScopes.has(name));
  return names.length > 0 ? names.join(' ') : undefined;
}

/** Client secrets are compared with their hashes, any of those valid now. */
export function checkHashedSecrets(provider: Provider, clients: ClientDirectory): void {
  Object.assign(provider.Client.prototype, {
    compareClientSecret(this: Client, secret: string): boolean {
      return matchesClientSecret(clients.find(this.clientId)?.secretHashes ?? [], secret);
    },
    /** `sid` is in the ID token and the access token of every application: revocations name it. */
    includeSid: () => true,
    /** A response type we do not have is refused as that, one step later, and not for the mode that would go with it. */
    responseModeAllowed: (mode: string, responseType = ''): boolean =>
      responseModes.includes(mode) || responseType.split(' ').some((type) => type !== 'code'),
  });
}

/** PKCE for every client, but for those declared to send a nonce in its place, when they do. */
export function needsPkce(client: Client, params: Record<string, unknown> | undefined): boolean {
  return client['nonce_instead_of_pkce'] !== true || typeof params?.['nonce'] !== 'string';
}

export function resourcesOf(client: Client): string[] {
  return listOf(client['resources']);
}

export function allowedOriginsOf(client: Client): string[] {
  return listOf(client['allowed_origins']);
}

/** oidc-provider calls this for each of `extraClientProperties`: what the database holds is what `applyClients` checked. */
export function validateExtraClientProperty(_ctx: unknown, key: string, value: unknown): void {
  const isFlag = key === 'first_party' || key === 'nonce_instead_of_pkce';
  const valid = isFlag
    ? typeof value === 'boolean'
    : key === 'minimum_acr'
      ? typeof value === 'string'
      : Array.isArray(value);
  if (value !== undefined && !valid) throw new errors.InvalidClientMetadata(`${key} is invalid`);
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
