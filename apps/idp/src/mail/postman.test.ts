import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { eventually, freePort, unique } from '@portcullis/testing';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createBacklog } from './backlog.ts';
import { composedTo, openPostHouse, type PostHouse } from './test/post-house.ts';

vi.setConfig({ testTimeout: 60_000 });

let house: PostHouse;
beforeAll(async () => {
  house = await openPostHouse();
});
afterEach(() => house.stopNodes());
afterAll(() => house[Symbol.asyncDispose]());

const idle = async (email: string) => (await house.jobs(email)).every(({ state }) => state === 'completed');

test('several nodes send each letter once; what is rolled back is sent by none', async () => {
  for (let i = 0; i < 3; i++) house.start();
  const never = `${unique('never')}@example.org`;
  const failing = house.cluster.em().transactional(async (em) => {
    await house.post.send(em, { kind: 'registration', email: never });
    throw new Error('the act failed');
  });
  await expect(failing).rejects.toThrow('the act failed');
  const readers = await Promise.all(Array.from({ length: 12 }, () => house.send()));

  await eventually(async () => (await Promise.all(readers.map(idle))).every(Boolean), { withinMs: 10_000 });
  for (const reader of readers) expect(await house.inbox.all(reader)).toHaveLength(1);
  expect(await house.inbox.all(never)).toEqual([]);
});

test('outside a transaction no letter is asked for: the act could fail afterwards', async () => {
  const letter = { kind: 'registration', email: 'reader@example.org' } as const;
  await expect(house.post.send(house.cluster.em(), letter)).rejects.toThrow('in the transaction of its act');
});

test('a node that dies between sending and saying so: another one sends again, and the reader can tell', async () => {
  house.start({ diesAfterSending: true });
  const reader = await house.send();
  const first = await house.inbox.letterTo(reader);
  await house.stopNodes();
  await house.dueNow(reader); // after a minute the queue would see to it by itself

  house.start();
  await eventually(() => idle(reader));
  const all = await house.inbox.all(reader);
  expect(all).toHaveLength(2);
  expect(new Set(all.map(({ headers }) => headers['message-id']))).toEqual(new Set([first.headers['message-id']]));
});

test('a letter that has nothing to say any more is dropped', async () => {
  const node = house.start({ composers: { registration: async () => undefined } });
  const reader = await house.send();
  await eventually(async () => (await house.jobs(reader)).length === 1 && idle(reader));
  expect(await house.inbox.all(reader)).toEqual([]);
  expect(node.told).toEqual([]);
});

test('what a composer did to the database stands before the letter is out, and not at all when it failed', async () => {
  let tries = 0;
  house.start({
    composers: {
      registration: async (em, { email = '' }) => {
        await em.execute(
          `insert into audit_event (id, at, action, detail) values (gen_random_uuid(), now(), ?, '{}')`,
          [email],
        );
        if (++tries === 1) throw new Error('not this time');
        return composedTo(email);
      },
    },
  });
  const reader = await house.send();
  await eventually(async () => (await house.jobs(reader))[0]?.['state'] === 'retry');
  await house.dueNow(reader);
  await house.inbox.letterTo(reader);
  const { rowCount } = await house.cluster.pool.query('select from audit_event where action = $1', [reader]);
  expect({ tries, rowCount }).toEqual({ tries: 2, rowCount: 1 });
});

test('mail server away: said once, waited for longer each time, and sent when it is back', async () => {
  const node = house.start({ smtpUrl: `smtp://127.0.0.1:${await freePort()}` });
  const reader = await house.send();
  await eventually(async () => (await house.jobs(reader))[0]?.['state'] === 'retry');
  expect(await createBacklog(house.cluster.pool)()).toEqual({ waiting: 0, retrying: 1 });
  expect(node.told.map(({ message }) => message)).toEqual(['letter: not sent, will be tried again']);
  const [job] = await house.jobs(reader);
  expect(job).toMatchObject({ output: { reason: 'Error ESOCKET' } });
  await house.stopNodes();

  await house.dueNow(reader);
  house.start();
  await house.inbox.letterTo(reader);
});

test('after a day a letter is given up, and that is said', async () => {
  const reader = await house.send();
  await house.cluster.pool.query(
    `update pgboss.job set created_on = now() - interval '25 hours' where name = 'mail' and data->>'email' = $1`,
    [reader],
  );
  const node = house.start();
  await eventually(() => idle(reader));
  expect(node.told).toMatchObject([{ message: 'letter: given up after a day', details: { kind: 'registration' } }]);
  expect(await house.inbox.all(reader)).toEqual([]);
});

test('an address that the mail server refuses for good is given up at once; a full mailbox is tried again', async () => {
  await using server = await startRefusingServer((recipient) => (recipient.includes('nobody') ? 550 : 452));
  const node = house.start({ smtpUrl: server.url });
  const [nobody, full] = [
    await house.send({ email: `${unique('nobody')}@example.org` }),
    await house.send({ email: `${unique('full')}@example.org` }),
  ];
  await eventually(() => idle(nobody));
  await eventually(async () => (await house.jobs(full))[0]?.['state'] === 'retry');
  expect(node.told.map(({ message }) => message).toSorted()).toEqual([
    'letter: given up, the mail server takes none for this address',
    'letter: not sent, will be tried again',
  ]);
  expect(JSON.stringify(node.told)).not.toContain('example.org');
});

/** Speaks SMTP up to the recipient, whom it answers with this code. */
async function startRefusingServer(codeFor: (recipient: string) => number) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('220 here\r\n');
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').filter(Boolean))
        socket.write(line.startsWith('RCPT') ? `${codeFor(line)} not ${line}\r\n` : '250 yes\r\n');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await house.stopNodes(); // they hold connections
      server.close();
    },
  };
}
