/** A plain fetch handler, as Bun, Deno, Hono and route handlers take it, that hears of revocations over HTTPS alone. */
import { bearer, feedSource } from '@portcullis/resource-server';

const { ISSUER: issuer = '', AUDIENCE: audience = '', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env;

export const api = bearer({
  issuer,
  audience,
  app: 'notes',
  revocations: feedSource({ issuer, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }),
  client: { id: CLIENT_ID, secret: CLIENT_SECRET }, // asked when the feed is cut
});

export const handle = api.fetch((_request, { sub }) => Response.json({ notes: [`Only ${sub} reads this.`] }), {
  scopes: ['family'],
});
