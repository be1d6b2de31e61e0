import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKoa, createLog, listen } from '@portcullis/http';
import { assets } from '@portcullis/ui';
import { expect, test } from 'vitest';
import { brandOf, logoOrigins } from './brand.ts';
import { createPages } from './index.ts';

const plain = { name: 'Harbour', hue: 25, links: { support: null, privacy: null, terms: null } };

test('a logo that is a file of this machine is served as an asset of ours, unchanged', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';
  const file = join(mkdtempSync(join(tmpdir(), 'brand-')), 'our logo.svg');
  writeFileSync(file, svg);
  const brand = brandOf({ ...plain, logo: file });
  const koa = createKoa({
    log: createLog({ name: 'test', level: 'silent' }),
    trustedHops: 0,
    https: false,
    errorPage: createPages(brand).problem,
  });
  koa.use(assets().routes());
  await using server = await listen(koa, { port: 0, allowedHosts: ['localhost:0'] });

  const html = await (await fetch(`${server.url}/nowhere`, { headers: { Accept: 'text/html' } })).text();
  expect(html).toMatch(/class="narrow tone-idp hue-25"/);
  expect(html).toContain('Harbour</title>');
  const [, path = ''] = /<img class="brand-logo" src="([^"]+)"/.exec(html) ?? [];
  const logo = await fetch(server.url + path);
  expect(logo.headers.get('Content-Type')).toMatch(/^image\/svg\+xml/);
  expect(await logo.text()).toBe(svg);
});

test('R-60: a logo elsewhere is let in by its origin, and nothing else is', () => {
  const elsewhere = { ...plain, logo: 'https://cdn.harbour.example/logo.svg?v=2' };
  expect(brandOf(elsewhere).logo).toBe(elsewhere.logo);
  expect(logoOrigins(elsewhere)).toEqual(['https://cdn.harbour.example']);
  expect(logoOrigins({ ...plain, logo: null })).toEqual([]);
});

test('a logo that is not there stops the start', () => {
  expect(() => brandOf({ ...plain, logo: '/no/such/logo.png' })).toThrow(/no\/such/);
});
