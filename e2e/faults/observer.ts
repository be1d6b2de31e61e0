import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import type { Person } from '../people.ts';
import type { TokenFacts, Operation, Outcome } from './history.ts';
import type { Page } from '../visitor.ts';

type Seen = Operation extends infer Each ? (Each extends unknown ? Omit<Each, 'start' | 'end'> : never) : never;
export type Observe = <T extends Seen>(work: () => Promise<T>) => Promise<T & { start: number; end: number }>;

/** Writes down what happened when. */
export function createObserver() {
  const history: Operation[] = [];
  const observe: Observe = async (work) => {
    const start = performance.now();
    const seen = await work();
    const operation = { ...seen, start, end: performance.now() };
    history.push(operation);
    return operation;
  };
  return { history, observe };
}

/** What a page says to one who shows this person's cookie. */
export function outcomeOf({ status, text }: Page, { name }: Pick<Person, 'name'>): Outcome {
  if (text.includes(name)) return 'accepted';
  return status >= 500 ? 'unavailable' : 'refused';
}

/** What an API says to one who shows this token. */
export async function showToken(url: string, accessToken: string): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${accessToken}` },
      signal: AbortSignal.timeout(15_000),
    });
    await response.body?.cancel();
    if (response.ok) return 'accepted';
    return response.status >= 500 ? 'unavailable' : 'refused';
  } catch {
    return 'unanswered';
  }
}

export type Tokens = { access_token: string; refresh_token?: string | undefined };

/** Tokens for a code or a refresh token, or why there are none. */
export async function tokensFrom(
  request: Promise<Tokens>,
  label: Pick<TokenFacts, 'session' | 'family'>,
): Promise<{ outcome: Outcome; tokens?: Tokens; token?: TokenFacts }> {
  try {
    const tokens = await request;
    const { jti = '', sub = '', ...claims } = decodeJwt<{ client_id: string }>(tokens.access_token);
    return { outcome: 'accepted', tokens, token: { id: jti, sub, client: claims.client_id, ...label } };
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError)
      return { outcome: error.status < 500 && error.error !== 'server_error' ? 'refused' : 'unavailable' };
    return { outcome: 'unanswered' };
  }
}
