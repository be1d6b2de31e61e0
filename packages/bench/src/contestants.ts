/** What both servers are told alike: the same clients, resource and accounts. */
export const resource = 'urn:portcullis:family';
export const redirectUri = 'http://localhost:4999/callback';
export const password = 'open-the-gate-please';
export const argon2Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
export const accessTokenSeconds = 300;

export const webClient = {
  id: 'bench-web',
  secret: 'bench-web-secret-bench-web-secret-0',
  scope: 'openid profile email offline_access family',
} as const;

export const serviceClient = {
  id: 'bench-service',
  secret: 'bench-service-secret-bench-service',
  scope: 'family',
} as const;

/** Account number `index` of `accountCount`. */
export function emailOf(index: number): string {
  return `bench-${index}@example.com`;
}

/** Enough that no account is signed in twice at the same moment. */
export const accountCount = 2_000;
