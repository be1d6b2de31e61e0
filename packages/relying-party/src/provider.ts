import type { Secret } from '@portcullis/config';
import type { AppError } from '@portcullis/http';
import * as oidc from 'openid-client';
import { explained } from './problems.ts';

const timeoutSeconds = 5;
const clockToleranceSeconds = 15;

export type Provider = ReturnType<typeof createProvider>;

/** The identity provider as openid-client sees it: discovered when first needed, again after a failure. */
export function createProvider({
  issuer,
  clientId,
  clientSecret,
  signingAlgorithm,
}: {
  issuer: string;
  clientId: string;
  clientSecret: Secret;
  signingAlgorithm: string;
}) {
  let known: Promise<oidc.Configuration> | undefined;
  let askedAt = -Infinity;

  /**
   * Throws an AppError that says what is wrong with the provider. `heardWithinMs`: asked again unless it answered so
   * lately, as before a person is sent there, who would otherwise end at a browser's error page.
   */
  return function configuration({ heardWithinMs = Infinity } = {}): Promise<oidc.Configuration> {
    if (known && performance.now() - askedAt <= heardWithinMs) return known;
    askedAt = performance.now();
    const asking = discover().catch((error: unknown) => {
      if (known === asking) known = undefined;
      throw isStatus(error, 400, 499) ? explained('provider_mismatch', error) : whatIsWrong(error);
    });
    known = asking;
    return asking;
  };

  async function discover(): Promise<oidc.Configuration> {
    const insecure = new URL(issuer).protocol === 'http:';
    const configuration = await oidc.discovery(
      new URL(issuer),
      clientId,
      { id_token_signed_response_alg: signingAlgorithm, [oidc.clockTolerance]: clockToleranceSeconds },
      oidc.ClientSecretBasic(clientSecret.reveal()),
      {
        timeout: timeoutSeconds,
        // TLS would vouch for the ID token on this path; its signature does so on every path.
        execute: [oidc.enableNonRepudiationChecks, ...(insecure ? [oidc.allowInsecureRequests] : [])],
      },
    );
    // openid-client forgives a missing slash; tokens are compared exactly.
    if (configuration.serverMetadata().issuer !== issuer) {
      throw explained('provider_mismatch', new Error(`issuer is ${configuration.serverMetadata().issuer}`));
    }
    return configuration;
  }
}

/** What a failed request to the provider means to the person who waits. */
export function whatIsWrong(error: unknown): AppError {
  if (isAppError(error)) return error;
  if (error instanceof oidc.ResponseBodyError) {
    if (['invalid_client', 'unauthorized_client', 'invalid_target', 'invalid_scope'].includes(error.error)) {
      return explained('client_refused', error);
    }
    if (error.error === 'invalid_grant') return explained('sign_in_expired', error);
    return explained(error.status >= 500 || error.status === 429 ? 'provider_unreachable' : 'token_not_trusted', error);
  }
  const code = codeOf(error);
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT' || isStatus(error, 500, 599) || isNetworkError(error)) {
    return explained('provider_unreachable', error);
  }
  if (code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') return explained('provider_mismatch', error);
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return explained('clock_off', error);
  return explained('token_not_trusted', error);
}

function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError';
}

function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'fetch failed';
}

function isStatus(error: unknown, from: number, to: number): boolean {
  const response = error instanceof Error ? error.cause : undefined;
  return response instanceof Response && response.status >= from && response.status <= to;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
