import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const clients = ['shop', 'forum', 'dashboard'];

/** The secrets of one data folder: made once, kept beside the data that they protect, readable by its owner only. */
export function loadSecrets(dataDir) {
  const file = join(dataDir, 'secrets.json');
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(create(), null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return JSON.parse(readFileSync(file, 'utf8'));
}

function create() {
  return {
    databasePassword: random(),
    encryptionKey: random(),
    cookieKeys: Object.fromEntries(['idp', ...clients].map((app) => [app, random()])),
    clientSecrets: Object.fromEntries(clients.map((client) => [client, random()])),
  };
}

function random() {
  return randomBytes(32).toString('base64url');
}
