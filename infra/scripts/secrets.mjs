import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const clients = ['shop', 'forum', 'dashboard', 'admin'];

/**
 * The secrets of one data folder: made once, kept beside the data that they protect, readable by its owner only.
 * An application that is new to the folder gets its own; nobody else's change.
 */
export function loadSecrets(dataDir) {
  const file = join(dataDir, 'secrets.json');
  const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const secrets = complete(kept);
  if (JSON.stringify(secrets) !== JSON.stringify(kept)) {
    writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  }
  return secrets;
}

function complete(kept) {
  return {
    databasePassword: random(),
    encryptionKey: random(),
    ...kept,
    cookieKeys: { ...randomFor(['idp', ...clients]), ...kept.cookieKeys },
    clientSecrets: { ...randomFor(clients), ...kept.clientSecrets },
  };
}

function randomFor(names) {
  return Object.fromEntries(names.map((name) => [name, random()]));
}

function random() {
  return randomBytes(32).toString('base64url');
}
