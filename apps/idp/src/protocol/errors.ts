import { errors } from 'oidc-provider';

/** A store did not answer: 503 with Retry-After at the token endpoint, a page or an error response elsewhere (F-03, F-10). */
export class StoreUnavailable extends errors.OIDCProviderError {
  constructor(cause: unknown) {
    super(503, 'temporarily_unavailable');
    this.cause = cause;
    this.expose = true;
    this.error_description = 'the service is busy or restarting, try again in a moment';
  }
}

/** Runs one use of a store; whatever it throws means that it is away. Refusals of the protocol pass through. */
export async function reaching<T>(use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof errors.OIDCProviderError) throw error;
    throw new StoreUnavailable(error);
  }
}
