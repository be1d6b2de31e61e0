import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import Router from '@koa/router';
import { hueRules } from './hues.ts';

type Asset = { path: string; type: string; body: Buffer; gzipped: Buffer };

const byPath = new Map<string, Asset>();
const byName = new Map<string, Asset>();

const STYLES = ['tokens.css', 'page.css', 'controls.css', 'content.css', 'people.css', 'console.css'];

add('look.css', look());
add('enhance.js', read('enhance.js'));
add('gate.svg', read('gate.svg'));

/**
 * GET /assets/<content hash>/<file>, cacheable for ever. `extra` adds an application's own files, by names that are
 * unique in the family; register them before the first page is rendered.
 */
export function assets(options: { extra?: Record<string, URL> } = {}): Router {
  for (const [name, url] of Object.entries(options.extra ?? {})) addAsset(name, url);
  const router = new Router();
  router.get('/assets/:hash/:file', (ctx) => {
    const asset = byPath.get(ctx.path);
    if (!asset) return;
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.vary('Accept-Encoding');
    ctx.type = asset.type;
    if (ctx.acceptsEncodings('gzip', 'identity') === 'gzip') {
      ctx.set('Content-Encoding', 'gzip');
      ctx.body = asset.gzipped;
    } else {
      ctx.body = asset.body;
    }
  });
  return router;
}

/** Where a file is served; its content is part of the address. Throws for a file nobody registered. */
export function assetPath(file: string): string {
  const asset = byName.get(file);
  if (!asset) throw new Error(`there is no asset ${file}`);
  return asset.path;
}

/** Adds one file, by a name that is unique in the family, and answers where it is served. */
export function addAsset(name: string, url: URL): string {
  add(name, readFileSync(url));
  return assetPath(name);
}

function add(name: string, content: string | Buffer): void {
  const body = Buffer.from(content);
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 12);
  const path = `/assets/${hash}/${name}`;
  const asset = { path, type: name.slice(name.lastIndexOf('.')), body, gzipped: gzipSync(body) };
  byPath.set(path, asset);
  byName.set(name, asset);
}

/** Pico goes into a cascade layer: whatever we say beats it, however specific its selectors are. */
function look(): string {
  const pico = readFileSync(new URL(import.meta.resolve('@picocss/pico/css/pico.min.css')), 'utf8');
  return [`@layer pico{${pico.replace(/^@charset "UTF-8";/i, '')}}`, ...STYLES.map(read), hueRules()].join('\n');
}

function read(file: string): string {
  return readFileSync(new URL(`./${file}`, import.meta.url), 'utf8');
}
