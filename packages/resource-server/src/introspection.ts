import type { Log } from '@portcullis/revocation';
import { LRUCache } from 'lru-cache';
import { discover } from './metadata.ts';

/** Whether the issuer holds the token to be good. Throws when it cannot be asked. */
export type Introspect = (token: string) => Promise<boolean>;

const timeLimitMs = 2000;
const cacheMs = 5000;
const cacheSize = 10_000;
/** After a failure nobody waits for the next: for so long the answer is the failure. */
const restMs = 1000;

/**
 * The issuer's word on a token (RFC 7662), for when the mirror cannot say. An answer holds for 5 seconds and takes at
 * most 2; the client authenticates with its secret and hears only of tokens for audiences it is registered for.
 */
export function createIntrospection(o: {
  issuer: string;
  clientId: string;
  clientSecret: string;
  log?: Log | undefined;
}): Introspect {
  const authorization = `Basic ${btoa(`${formEncoded(o.clientId)}:${formEncoded(o.clientSecret)}`)}`;
  const answers = new LRUCache<string, Promise<boolean>>({ max: cacheSize, ttl: cacheMs });
  let endpoint: string | undefined;
  let failure: { error: unknown; at: number } | undefined;

  return function introspect(token) {
    const known = answers.get(token);
    if (known) return known;
    if (failure && performance.now() - failure.at < restMs) return Promise.reject(failure.error);
    const asking = ask(token).catch((error: unknown) => {
      answers.delete(token);
      failure = { error, at: performance.now() };
      o.log?.warn({ err: error }, 'introspection: the issuer cannot be asked');
      throw error;
    });
    answers.set(token, asking);
    return asking;
  };

  async function ask(token: string): Promise<boolean> {
    const signal = AbortSignal.timeout(timeLimitMs);
    endpoint ??= await endpointOf(o.issuer, signal);
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization, accept: 'application/json' },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      redirect: 'error',
      signal,
    });
    if (!response.ok) throw new Error(`${endpoint} answered ${response.status}`);
    const { active } = (await response.json()) as { active?: unknown };
    if (typeof active !== 'boolean') throw new Error(`${endpoint} did not say whether the token is active`);
    return active;
  }
}

async function endpointOf(issuer: string, signal: AbortSignal): Promise<string> {
  const { introspection_endpoint: endpoint } = await discover(issuer, signal);
  if (typeof endpoint !== 'string') throw new Error(`${issuer} names no introspection_endpoint`);
  return endpoint;
}

/** RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined. */
function formEncoded(value: string): string {
  return new URLSearchParams({ '': value }).toString().slice(1);
}
