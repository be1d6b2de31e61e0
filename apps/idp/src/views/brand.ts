import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addAsset, type Brand } from '@portcullis/ui';
import type { Config } from '#config.ts';

type Branding = Config['brand'];

/** Reads the logo when it is a file of this machine; from then on it is an asset like ours. Throws where there is none. */
export function brandOf({ name, logo, hue, links }: Branding): Brand {
  return { name, logo: logo === null || isAddress(logo) ? logo : served(logo), hue, links };
}

/** Where pages have to be allowed to load the logo from (CSP). */
export function logoOrigins({ logo }: Branding): string[] {
  return logo !== null && isAddress(logo) ? [new URL(logo).origin] : [];
}

function isAddress(logo: string): boolean {
  return logo.startsWith('https:');
}

function served(file: string): string {
  return addAsset(`brand-logo${extname(file)}`, pathToFileURL(resolve(file)));
}
