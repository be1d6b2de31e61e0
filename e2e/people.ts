import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Portcullis } from './command-line.ts';

export type Person = { id: string; email: string; name: string; password: string };

const password = 'a drawbridge in the rain';
const passwordHash =
  '$argon2id$v=19$m=19456,p=1,t=2$O+8Wj+Kx2YH/8EcXTt5OIw$p7ugDxD7z3kbC+YYxoC2w/YNOFTZ8gdHCCNIRaVK8n8';

/** New people with accounts, brought in as an operator would: from a file. */
export async function bringIn(portcullis: Portcullis, count: number, roles: string[] = []): Promise<Person[]> {
  const people = Array.from({ length: count }, () => {
    const id = randomUUID();
    const mark = id.slice(0, 8);
    return { id, email: `person-${mark}@example.org`, name: `Person ${mark}`, password };
  });
  await withFile('people.ndjson', people.map((person) => importLine(person, roles)).join('\n'), (file) =>
    portcullis(['accounts', 'import', file]),
  );
  return people;
}

function importLine({ id, email, name }: Person, roles: string[]): string {
  return JSON.stringify({ id, email, name, roles, email_verified: true, password_hash: passwordHash });
}

/** A file that is there for as long as `use` takes. */
export async function withFile<T>(name: string, text: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-e2e-'));
  try {
    const file = join(folder, name);
    await writeFile(file, text);
    return await use(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
