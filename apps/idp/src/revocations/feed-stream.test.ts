import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { eventually } from '@portcullis/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createFeedStream } from './feed-stream.ts';

const frame = `data: ${'x'.repeat(100_000)}\n\n`;

/** The server's side of one answer, whose reader never reads. */
async function toOneWhoDoesNotRead() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  reader.on('error', () => {});
  onTestFinished(() => void (reader.destroy(), server.close()));
  reader.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [, res] = (await once(server, 'request')) as [unknown, ServerResponse];
  return { stream: createFeedStream(res), res };
}

test('who does not read is dropped before much is kept for him', async () => {
  const { stream, res } = await toOneWhoDoesNotRead();
  let written = 0;
  let kept = 0;
  while (stream.isOpen() && written < 1000) {
    stream.write(frame);
    written += 1;
    kept = Math.max(kept, res.writableLength);
    await new Promise(setImmediate);
  }
  expect(stream.isOpen()).toBe(false);
  expect(kept).toBeLessThan(5 * 1024 * 1024);
  stream.write(frame); // nothing happens
});

test('who waits for a reader that does not read is not kept waiting for ever', async () => {
  const { stream } = await toOneWhoDoesNotRead();
  for (let i = 0; i < 40; i += 1) stream.write(frame); // more than the sockets take, less than what drops him
  const began = performance.now();
  await stream.drained();
  expect(stream.isOpen()).toBe(false);
  expect(performance.now() - began).toBeLessThan(12_000);
}, 30_000);

test('who goes while he is waited for ends the waiting', async () => {
  const { stream, res } = await toOneWhoDoesNotRead();
  for (let i = 0; i < 40; i += 1) stream.write(frame);
  const began = performance.now();
  setImmediate(() => res.socket?.destroy());
  await stream.drained();
  await eventually(() => !stream.isOpen());
  expect(performance.now() - began).toBeLessThan(2000);
});
