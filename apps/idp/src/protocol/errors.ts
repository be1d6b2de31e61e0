import { AppError } from '@portcullis/http';
import { errors, Provider } from 'oidc-provider';

/** In this many seconds a store that is away may be back. */
export const retryAfterSeconds = 2;

/** A store did not answer: 503 with Retry-After at the token endpoint, a page or an error response elsewhere (F-03, F-10). */
export class StoreUnavailable extends errors.OIDCProviderError {
  /** A person waits on our page; an application that asked for no page (`prompt=none`) is told, and goes on without. */
  override allow_redirect = Provider.ctx?.query['prompt'] === 'none';

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

/** The same for callers outside of the protocol, who speak of failures in another way. */
export async function outside<T>(use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const { message, cause } = error;
    throw new AppError('unavailable', message, 'Sign-in is busy or restarting. Try again in a moment.', {
      cause,
      retryAfterSeconds,
    });
  }
}
