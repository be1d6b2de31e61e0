import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runLoad } from './load.ts';

test('every operation that was started is counted, and no more than one per worker runs at once', async () => {
  let running = 0;
  let most = 0;
  let done = 0;
  const operation = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await setImmediate();
    running -= 1;
    done += 1;
  };
  const measured = await runLoad({ operation }, 3, 0.05);
  expect(most).toBe(3);
  expect(measured.operations).toBe(done);
  expect(measured.elapsedSeconds).toBeGreaterThanOrEqual(0.04);
  expect(measured.p99Ms).toBeGreaterThanOrEqual(measured.p50Ms);
});

test('the window ends early when what was prepared is used up', async () => {
  let left = 10;
  const operation = async (): Promise<boolean> => {
    await setImmediate();
    return left-- > 0;
  };
  const measured = await runLoad({ operation }, 2, 60);
  expect(measured.operations).toBe(10);
  expect(measured.elapsedSeconds).toBeLessThan(5);
});

test('the load beside the measured one is counted by answer', async () => {
  let turn = 0;
  const background = { concurrency: 2, operation: async () => (await setImmediate(), turn++ % 2 ? '200' : '503') };
  const measured = await runLoad({ operation: () => setImmediate(), background }, 1, 0.05);
  expect(Object.keys(measured.background).toSorted()).toEqual(['200', '503']);
  expect((measured.background['200'] ?? 0) + (measured.background['503'] ?? 0)).toBe(turn);
});

test('a wrong answer ends the run with its text', async () => {
  const operation = () => Promise.reject(new Error('token: a wrong answer, 500'));
  await expect(runLoad({ operation }, 2, 5)).rejects.toThrow('a wrong answer, 500');
});
