import type { z } from 'zod';
import { AdminProblem } from '@portcullis/contracts';
import { AppError, type Log } from '@portcullis/http';
import { problemMessages } from '#pages/problem-messages.ts';

const PATIENCE_MS = 10_000;

/** What an act came to. `refused`: it does not fit what is (409), or what was sent is not accepted (400). */
export type Act<T> = { ok: true; data: T } | Refusal;
export type Refusal = {
  ok: false;
  code: string;
  message: string;
  /** Of what was sent, when that is to be put right. */
  field: string | null;
};

/** The act wants a fresh sign-in, not older than this (RFC 9470). */
export class StepUpNeeded extends Error {
  readonly maxAgeSeconds: number;
  constructor(maxAgeSeconds: number) {
    super('the admin API wants a fresh sign-in');
    this.maxAgeSeconds = maxAgeSeconds;
  }
}

type Query = Record<string, string | undefined>;
/** The HTTP side of the admin API: one answer is data, a refusal, or thrown as an AppError or a StepUpNeeded. */
export function createRequest({ issuer, log }: { issuer: string; log: Log }) {
  return { read, act, stream };

  async function read<T>(token: string, schema: z.ZodType<T>, path: string, query: Query = {}): Promise<T> {
    const response = await send(token, 'GET', path, { query });
    if (response.status !== 200) throw await failure(response);
    return understood(schema, response, path);
  }

  async function act<T>(
    token: string,
    schema: z.ZodType<T>,
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Act<T>> {
    const response = await send(token, method, path, { body });
    if (response.ok) return { ok: true, data: await understood(schema, response, path) };
    if (response.status === 409 || response.status === 400) {
      const { error, message } = await problemOf(response);
      const [, field = null] = /^body\.(\w+)/.exec(message) ?? [];
      return { ok: false, code: error, message, field };
    }
    throw await failure(response);
  }

  /** The answer as it comes, to be passed on. */
  async function stream(token: string, path: string, query: Query): Promise<Response> {
    const response = await send(token, 'GET', path, { query, patient: true });
    if (response.status !== 200) throw await failure(response);
    return response;
  }

  async function send(
    token: string,
    method: string,
    path: string,
    { query = {}, body, patient = false }: { query?: Query; body?: object | undefined; patient?: boolean },
  ): Promise<Response> {
    const url = new URL(`${issuer}/admin-api${path}`);
    for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
    try {
      return await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        redirect: 'error',
        ...(patient ? {} : { signal: AbortSignal.timeout(PATIENCE_MS) }),
      });
    } catch (error) {
      log.warn({ err: error, method, path }, 'the admin API does not answer');
      throw away(method, error);
    }
  }

  async function understood<T>(schema: z.ZodType<T>, response: Response, path: string): Promise<T> {
    try {
      return schema.parse(await response.json());
    } catch (error) {
      log.error({ err: error, path }, 'the admin API answers something else than promised');
      throw away('GET', error);
    }
  }
}

async function failure(response: Response): Promise<Error> {
  const challenge = response.headers.get('www-authenticate') ?? '';
  if (response.status === 401 && challenge.includes('insufficient_user_authentication')) {
    return new StepUpNeeded(Number(/max_age="?(\d+)/.exec(challenge)?.[1] ?? 0));
  }
  const { error, message } = await problemOf(response);
  switch (response.status) {
    case 400:
      return new AppError('invalid', error, message);
    case 401:
      return new AppError('unauthenticated', 'token_refused', problemMessages.en.token_refused);
    case 403:
      return new AppError('forbidden', 'not_an_operator', problemMessages.en.not_an_operator, { log: message });
    case 404:
      return new AppError('missing', 'not_found', problemMessages.en.not_found, { log: message });
    case 429:
      return new AppError('throttled', 'throttled', problemMessages.en.throttled);
    default:
      return away('GET', new Error(`the admin API answered ${response.status} ${error}`));
  }
}

async function problemOf(response: Response): Promise<{ error: string; message: string }> {
  const parsed = AdminProblem.safeParse(await response.json().catch(() => undefined));
  return parsed.success ? parsed.data : { error: 'unknown', message: problemMessages.en.unknown };
}

function away(method: string, cause: unknown): AppError {
  const code = method === 'GET' ? 'admin_api_silent' : 'admin_api_away';
  return new AppError('unavailable', code, problemMessages.en[code], { cause });
}
