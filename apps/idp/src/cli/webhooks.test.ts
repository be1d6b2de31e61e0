import { eventually } from '@portcullis/testing';
import { afterAll, expect, test, vi } from 'vitest';
import { encryptionKey, openSendingHouse } from '#revocations/test/sending.ts';
import { portcullis } from './test/portcullis.ts';

vi.setConfig({ testTimeout: 60_000 }); // each command is a process

const house = await openSendingHouse();
const { cluster, receiver, sending } = house;
afterAll(() => house[Symbol.asyncDispose]());

const webhooks = (...args: string[]) =>
  portcullis(['webhooks', ...args], { DATABASE_URL: cluster.databaseUrl, ENCRYPTION_KEY: encryptionKey });

test('a webhook is added, listed, tried out by a node, and removed', async () => {
  const url = receiver.url('/siem');
  const added = await webhooks('add', 'siem', url, '--cause', 'ban', '--cause', 'unban');
  expect(added).toMatchObject({ code: 0, err: '' });
  expect(added.out).toMatch(/^siem is told at .*\nwhsec_[A-Za-z0-9+/]{43}=\n$/);
  expect((await webhooks('list')).out).toMatch(new RegExp(`siem +${url} +ban, unban +on`));

  expect(await webhooks('test', 'siem')).toMatchObject({ code: 0 });
  sending.start();
  await eventually(() => receiver.at('/siem').length);
  await eventually(async () => (await sending.deliveries.pending()).waiting === 0);
  const [headings, sent] = (await webhooks('deliveries', 'siem')).out.split('\n');
  expect(headings).toMatch(/^DELIVERY +CREATED +STATE +TRIES +NEXT TRY +LAST ERROR$/);
  expect(sent).toMatch(/^[0-9a-f-]{36} +20..-..-.. ..:..Z +delivered +1$/);

  expect(await webhooks('remove', 'siem')).toMatchObject({ code: 0, out: 'siem is told no more.\n' });
});

test.each([
  ['a plain http address', ['add', 'plain', 'http://siem.example/hook'], 2, 'must be https'],
  ['a cause that does not exist', ['add', 'odd', 'https://siem.example/', '--cause', 'boredom'], 2, 'Causes are ban,'],
  ['a name nobody has', ['pause', 'nobody'], 1, 'There is no webhook nobody.'],
] as const)('%s is refused', async (_, args, exitCode, words) => {
  const { code, err } = await webhooks(...args);
  expect(code).toBe(exitCode);
  expect(err).toContain(words);
});
