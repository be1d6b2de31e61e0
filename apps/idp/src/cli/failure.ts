import { ConfigError } from '@portcullis/config';
import { z } from 'zod';
import { exitCodes } from './output.ts';

/** A refusal in words for the operator. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly exitCode: number;

  constructor(message: string, { exitCode = exitCodes.failed, ...options }: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** What went wrong as one line for a person; what they can do about it where we know. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError) return `The environment is incomplete: ${error.problems.join('; ')}.`;
  if (error instanceof Refusal) return error.message;
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; ');
  const causes = causesOf(error);
  const code = causes.map(codeOf).find((found) => found !== undefined);
  if (code === '42P01') return 'The database has no such table: run `portcullis migrate` first.';
  if (code === '3D000') return 'That database does not exist: DATABASE_URL must name one that does.';
  const message = lastLine(causes.at(-1));
  return code !== undefined && unreachable.has(code) ? `PostgreSQL cannot be reached: ${message}` : message;
}

const unreachable = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECONNRESET', '57P03']);

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let at = error; at !== undefined && at !== null && !chain.includes(at); at = nextOf(at)) chain.push(at);
  return chain;
}

function nextOf(error: unknown): unknown {
  if (error instanceof AggregateError) return error.errors[0];
  if (!(error instanceof Error)) return undefined;
  return error.cause ?? ('previous' in error ? error.previous : undefined);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function lastLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split('\n').at(-1) ?? '';
}
