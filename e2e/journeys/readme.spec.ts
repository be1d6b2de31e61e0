import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '../fixtures.ts';
import { root } from '../stack.ts';
import { declare } from '../test-client.ts';

test('the program in the README signs a person in, and a ban ends it there too', async ({
  stack,
  portcullis,
  person,
  page,
  signInPage,
}) => {
  const id = `readme-${randomBytes(6).toString('hex')}`;
  const secret = randomBytes(32).toString('hex');
  const port = await freePort();
  const home = `http://localhost:${port}`;
  await declare(stack, portcullis, {
    id,
    type: 'confidential',
    secrets: [secret],
    redirectUris: [`${home}/callback`],
    postLogoutRedirectUris: [`${home}/signed-out`],
    uri: home,
    scope: 'openid profile email family',
    resources: ['urn:portcullis:family'],
    idTokenSigningAlg: 'ES256',
  });
  const example = await runExample({
    ISSUER: stack.urls.idp,
    CLIENT_ID: id,
    CLIENT_SECRET: secret,
    COOKIE_KEYS: randomBytes(32).toString('hex'),
    BASE_URL: home,
    REDIS_URL: stack.redisUrl,
    PORT: String(port),
  });
  try {
    await expect.poll(() => reachable(home)).toBe(true);
    await page.goto(home);
    await signInPage.signIn(person);
    await expect(page.getByText(`Hello, ${person.name}`)).toBeVisible();

    await portcullis(['ban', person.email, '--reason', 'spam']);
    await page.goto(home);
    await expect(page.getByRole('heading', { name: 'You were signed out' })).toBeVisible();
  } finally {
    await example.stop();
  }
});

/** The README's first TypeScript program, as a process of its own. Its place is where its imports resolve. */
async function runExample(env: Record<string, string>): Promise<{ stop(): Promise<void> }> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const program = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const folder = join(root, 'test-results');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${env['CLIENT_ID']}.ts`);
  await writeFile(file, program);
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    async stop() {
      child.kill();
      await ended;
      await rm(file);
    },
  };
}

async function reachable(url: string): Promise<boolean> {
  return fetch(url, { redirect: 'manual' }).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
