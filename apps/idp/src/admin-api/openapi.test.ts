import { expect, test } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from './openapi.ts';
import { refusals } from './refusals.ts';
import { adminApiRoutes, adminRoutes } from './routes.ts';

const routes = adminRoutes({} as Parameters<typeof adminRoutes>[0]);
const document = openApiDocument({ routes, server: 'https://id.example/admin-api' });
type Operation = {
  operationId?: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, { examples?: Record<string, unknown> }> }>;
};
const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation as Operation] as const),
);

test('the document names every route that is mounted, and none that is not', () => {
  const router = adminApiRoutes({ issuer: 'https://id.example', withEm: () => () => {} } as unknown as Parameters<
    typeof adminApiRoutes
  >[0]);
  const mounted = router.stack
    .filter(({ methods }) => methods.length > 0)
    .flatMap(({ methods, path }) =>
      methods
        .filter((method) => method !== 'HEAD')
        .map(
          (method) =>
            `${method.toLowerCase()} ${String(path)
              .replace('/admin-api', '')
              .replace(/:(\w+)/g, '{$1}')}`,
        ),
    );
  expect(operations.map(([line]) => line).toSorted()).toEqual(mounted.toSorted());
});

test.each(routes.map((route) => ({ line: `${route.method} ${route.path.replace(/:(\w+)/g, '{$1}')}`, route })))(
  '$line: its parameters, its answer and each of its refusals are described',
  ({ line, route }) => {
    const operation = operations.find(([name]) => name === line)?.[1];
    const inPath = operation?.parameters?.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(inPath ?? []).toEqual([...line.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    const codes = Object.values(operation?.responses ?? {}).flatMap(({ content }) =>
      Object.keys(content?.['application/json']?.examples ?? {}),
    );
    expect(codes).toEqual(
      expect.arrayContaining([
        'invalid_request',
        'invalid_token',
        'insufficient_scope',
        'insufficient_user_authentication',
        ...route.refusals,
      ]),
    );
    const demanded = route.need.recentSignIn ? 'a more recent sign-in' : 'a stronger sign-in';
    expect(JSON.stringify(operation?.responses?.['401'])).toContain(demanded);
  },
);

test.each(routes.flatMap((route) => ('answer' in route ? [{ line: `${route.method} ${route.path}`, route }] : [])))(
  '$line: the example is what the contract allows',
  ({ route }) => expect(route.answer.parse(route.example)).toEqual(route.example),
);

test.each(routes.flatMap(({ method, path, body }) => (body ? [{ line: `${method} ${path}`, body }] : [])))(
  '$line: the example of a request is one that would be understood',
  ({ body }) => expect(body.schema.safeParse(body.example).success).toBe(true),
);

test('every refusal there is belongs to a route', () => {
  const used = new Set(routes.flatMap((route) => route.refusals));
  expect([...used].toSorted()).toEqual(Object.keys(refusals).toSorted());
});

test('the document is OpenAPI 3.1 in which every reference leads somewhere', () => {
  expect(document.openapi).toBe('3.1.0');
  const ids = operations.flatMap(([, { operationId }]) => operationId ?? []);
  expect(new Set(ids).size).toBe(routes.length);
  const json = JSON.stringify(document);
  const references = [...json.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect(references.length).toBeGreaterThan(10);
  expect(Object.keys(document.components?.schemas ?? {})).toEqual(expect.arrayContaining([...new Set(references)]));
  expect(z.json().safeParse(JSON.parse(json)).success).toBe(true);
});
