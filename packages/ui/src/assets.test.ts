import { createKoa, createLog, listen } from '@portcullis/http';
import { expect, test } from 'vitest';
import { assetPath, assets } from './assets.ts';
import { errorPage } from './pages.ts';

async function serve() {
  const log = createLog({ name: 'test', level: 'silent' });
  const koa = createKoa({ log, trustedHops: 0, https: false, errorPage: errorPage('Shop') });
  koa.use(assets({ extra: { 'extra.css': new URL('./tokens.css', import.meta.url) } }).routes());
  return listen(koa, { port: 0, allowedHosts: ['localhost:0'] });
}

test('an asset is served at an address made of its content, for ever, compressed where accepted', async () => {
  await using server = await serve();
  const path = assetPath('look.css');
  expect(path).toMatch(/^\/assets\/[\w-]{12}\/look\.css$/);

  const response = await fetch(server.url + path);
  expect(response.status).toBe(200);
  expect(response.headers.get('Content-Type')).toBe('text/css; charset=utf-8');
  expect(response.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
  expect(response.headers.get('Content-Encoding')).toBe('gzip');
  expect(response.headers.get('Vary')).toBe('Accept-Encoding');
  const plain = await fetch(server.url + path, { headers: { 'Accept-Encoding': 'identity' } });
  expect(plain.headers.get('Content-Encoding')).toBeNull();
  expect(await plain.text()).toBe(await response.text());
});

test('svg and javascript carry their own types; an application adds files of its own', async () => {
  await using server = await serve();
  const typeOf = async (name: string) => (await fetch(server.url + assetPath(name))).headers.get('Content-Type');
  expect(await typeOf('gate.svg')).toMatch(/^image\/svg\+xml/);
  expect(await typeOf('enhance.js')).toMatch(/^(text|application)\/javascript/);
  expect(await typeOf('extra.css')).toMatch(/^text\/css/);
});

test.each(['/assets/000000000000/look.css', '/assets/x/..%2fpackage.json', '/assets/', '/assets/look.css'])(
  '%s is not there',
  async (path) => {
    await using server = await serve();
    const response = await fetch(server.url + path);
    expect(response.status).toBe(404);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
  },
);

test('an unknown file is an error at the page that names it', () => {
  expect(() => assetPath('nothing.css')).toThrow(/nothing\.css/);
});

test('R-60: the style sheet loads nothing from elsewhere', async () => {
  await using server = await serve();
  const css = await (await fetch(server.url + assetPath('look.css'))).text();
  expect(css).not.toMatch(/@import|url\(["']?(?!["']?data:)/);
});
