import { ADMIN_ACR_VALUES, ADMIN_MAX_AUTH_AGE_SECONDS, AdminProblem } from '@portcullis/contracts';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { refusals } from './refusals.ts';
import type { Route } from './route.ts';

type Document = ReturnType<typeof createDocument>;

/** OpenAPI 3.1, made from the table the router is made from. */
export function openApiDocument({ routes, server }: { routes: Route[]; server: string }): Document {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {
    '/openapi.json': {
      get: { summary: 'This document', security: [], responses: { 200: { description: 'OpenAPI 3.1' } } },
    },
  };
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method] = operationOf(route);
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Portcullis admin API',
      version: '1',
      description: `Lists come in pages: \`after\` is the \`next\` of the page before. A token must come from a sign-in with two factors (\`acr\`: ${ADMIN_ACR_VALUES.join(' or ')}). Routes marked with a recent sign-in refuse a token whose \`auth_time\` is more than ${ADMIN_MAX_AUTH_AGE_SECONDS} seconds old (RFC 9470).`,
    },
    servers: [{ url: server }],
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'at+jwt' } } },
    paths,
  });
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { summary, need, params, query, body } = route;
  const recent = need.recentSignIn ? ', with a recent sign-in' : '';
  return {
    operationId: [route.method, ...route.path.split(/\W+/).filter(Boolean)].join('_'),
    summary,
    description: `For the roles ${need.roles.join(' and ')}${recent}.`,
    requestParams: { path: params, query },
    ...(body && { requestBody: { required: true, content: { 'application/json': body } } }),
    responses: { ...success(route), ...problems(route) },
  };
}

function success(route: Route): ZodOpenApiResponsesObject {
  if ('download' in route) {
    const content = Object.fromEntries(
      route.contentTypes.map((type) => [type, { schema: { type: 'string' as const } }]),
    );
    return { 200: { description: 'The file', content } };
  }
  const content = { 'application/json': { schema: route.answer, example: route.example } };
  return { [route.status]: { description: 'Done', content } };
}

const statuses = { invalid: 400, forbidden: 403, missing: 404, conflict: 409 } as const;
type Problem = readonly [status: number, code: string, message: string];

const always: Problem[] = [
  [400, 'invalid_request', 'query.limit: Too big: expected number to be <=200'],
  [400, 'duplicate_field', 'A field was sent more than once.'],
  [401, 'unauthorized', 'an access token is needed'],
  [401, 'invalid_token', 'the token is not valid, or not any more'],
  [403, 'insufficient_scope', 'the account lacks a role'],
  [500, 'server_error', 'Something went wrong on our side. Please try again in a moment.'],
  [503, 'temporarily_unavailable', 'whether the token is good cannot be found out for the moment'],
];
const stepUp = (how: string): Problem => [401, 'insufficient_user_authentication', `a ${how} sign-in is needed`];
const withBody: Problem[] = [
  [400, 'unexpected_format', 'This address does not accept that format.'],
  [400, 'unreadable_body', 'What was sent could not be read.'],
  [413, 'too_large', 'What was sent is larger than this page accepts.'],
];

/** By status, the codes with their texts. */
function problems(route: Route): ZodOpenApiResponsesObject {
  const own = route.refusals.map((code): Problem => {
    const [kind, message] = refusals[code];
    return [statuses[kind], code, message];
  });
  const found = [
    ...always,
    stepUp(route.need.recentSignIn ? 'more recent' : 'stronger'),
    ...(route.body ? withBody : []),
    ...own,
  ];
  return Object.fromEntries(
    Object.entries(Object.groupBy(found, ([status]) => status)).map(([status, of = []]) => [
      status,
      {
        description: of.map(([, code]) => code).join(', '),
        content: {
          'application/json': {
            schema: AdminProblem,
            examples: Object.fromEntries(
              of.map(([, code, message]) => [code, { value: { error: code, message, request_id: 'f3b1c2d4' } }]),
            ),
          },
        },
      },
    ]),
  );
}
