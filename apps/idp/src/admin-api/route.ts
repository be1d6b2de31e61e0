import type { EntityManager } from '@mikro-orm/postgresql';
import type { AdminRole } from '@portcullis/contracts';
import { AppError } from '@portcullis/http';
import { z } from 'zod';
import { refusal, type RefusalCode } from './refusals.ts';

/** Who may call a route. There is no route for everybody. */
export type Need = {
  roles: readonly [AdminRole, ...AdminRole[]];
  /** The person has to have signed in within the last ten minutes. */
  recentSignIn: boolean;
};

export const toRead: Need = { roles: ['admin', 'support'], recentSignIn: false };
export const toSupport: Need = { roles: ['admin', 'support'], recentSignIn: true };
export const toReadInBulk: Need = { roles: ['admin'], recentSignIn: false };
export const toAct: Need = { roles: ['admin'], recentSignIn: true };

/** The request as it came: nothing of it is trusted before its schema has seen it. */
export type Given = { params: unknown; query: unknown; body: unknown };
/** Who calls, and what lives as long as the call. */
export type Caller = { actor: string; em: EntityManager };

/** A file that is made while it is sent. */
export type Download = { contentType: string; filename: string; pieces: AsyncIterable<string> };

type Described = {
  method: 'get' | 'post' | 'put' | 'delete';
  /** Below the API's base; `:name` stands for a parameter. */
  path: string;
  need: Need;
  summary: string;
  /** What it may be refused for, beside what every route may be. */
  refusals: readonly RefusalCode[];
};
type Schemas = { params: z.ZodObject; query: z.ZodObject; body: { schema: z.ZodType; example: unknown } | null };

/** A route as the router mounts it and the OpenAPI document shows it. */
export type Route = Described &
  Schemas &
  (
    | { status: 200 | 201; answer: z.ZodType; example: unknown; run(given: Given, caller: Caller): Promise<unknown> }
    | { contentTypes: readonly string[]; download(given: Given, caller: Caller): Promise<Download> }
  );

/** What a handler may give where the contract has a moment as text. */
type Sendable<T> = T extends string
  ? string | Date
  : T extends readonly (infer Item)[]
    ? readonly Sendable<Item>[]
    : T extends object
      ? { [Key in keyof T]: Sendable<T[Key]> }
      : T;

type Input<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> = {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
};
/** Only what the route says it may be refused for. */
type Refused<Code extends RefusalCode> = { refused: (code: Code) => AppError };

type Definition<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, Code extends RefusalCode> = Omit<
  Described,
  'refusals'
> & { params?: P; query?: Q; body?: { schema: B; example: z.input<B> }; refusals?: readonly Code[] };

export function route<
  A extends z.ZodType,
  P extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Q extends z.ZodObject = z.ZodObject<Record<never, never>>,
  B extends z.ZodType = z.ZodUndefined,
  Code extends RefusalCode = never,
>(
  definition: Definition<P, Q, B, Code> & {
    status?: 200 | 201;
    answer: A;
    example: z.input<A>;
    handle: (call: Input<P, Q, B> & Caller & Refused<Code>) => Promise<Sendable<z.input<A>>>;
  },
): Route {
  const { handle, status = 200, answer, example, ...described } = definition;
  const schemas = schemasOf(described);
  return {
    ...described,
    ...schemas,
    refusals: described.refusals ?? [],
    status,
    answer,
    example,
    // The contract has the last word on what leaves: a field it does not name stays here.
    run: async (given, caller) =>
      answer.parse(
        JSON.parse(JSON.stringify(await handle({ ...read<P, Q, B>(schemas, given), ...caller, refused: refusal }))),
      ),
  };
}

export function download<Q extends z.ZodObject>(
  definition: Definition<z.ZodObject, Q, z.ZodUndefined, never> & {
    contentTypes: readonly string[];
    handle: (call: { query: z.output<Q> } & Caller) => Promise<Download>;
  },
): Route {
  const { handle, ...described } = definition;
  const schemas = schemasOf(described);
  return {
    ...described,
    ...schemas,
    refusals: [],
    download: (given, caller) => handle({ ...read<z.ZodObject, Q, z.ZodUndefined>(schemas, given), ...caller }),
  };
}

function schemasOf({ params, query, body }: Partial<Schemas>): Schemas {
  return { params: params ?? z.strictObject({}), query: query ?? z.strictObject({}), body: body ?? null };
}

/** The schemas are the ones the types speak of: both come from the same definition. */
function read<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  { params, query, body }: Schemas,
  given: Given,
): Input<P, Q, B> {
  return {
    params: check(params, given.params, 'path'),
    query: check(query, given.query, 'query'),
    body: body && check(body.schema, given.body, 'body'),
  } as Input<P, Q, B>;
}

function check(schema: z.ZodType, value: unknown, where: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = [where, ...(issue?.path ?? [])].join('.');
  throw new AppError('invalid', 'invalid_request', `${at}: ${issue?.message ?? 'cannot be read'}`);
}
