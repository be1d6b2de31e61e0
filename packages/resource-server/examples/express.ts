/** An API with Express that accepts the issuer's access tokens, and refuses them from the moment they are revoked. */
import { bearer, redisSource, tokenOf } from '@portcullis/resource-server';
import express from 'express';

const { ISSUER = '', AUDIENCE = '', REDIS_URL = '', PORT } = process.env;
const api = bearer({ issuer: ISSUER, audience: AUDIENCE, revocations: redisSource({ url: REDIS_URL }), app: 'notes' });

const app = express();
app.get('/notes', api.express({ scopes: ['family'] }), (req, res) => {
  res.json({ notes: [`Only ${tokenOf(req).sub} reads this.`] });
});
app.delete('/notes', api.express({ scopes: ['family'], maxAgeSeconds: 300 }), (_req, res) => res.sendStatus(204));
app.get('/health', async (_req, res) => {
  await api.ready();
  res.json(api.status());
});
app.listen(PORT);
