import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { argon2Options, password } from './contestants.ts';
import { runLoad, type Measurement } from './load.ts';

/**
 * The yardstick of password sign-in, a process of its own: nothing but verifications, as many at once as there are
 * cores. Asked for a number of seconds by message, it answers with the measurement.
 */
const hash = await argon2.hash(password, { type: argon2.argon2id, ...argon2Options });

process.on('message', (seconds: number) => {
  const operation = async (): Promise<void> => {
    if (!(await argon2.verify(hash, password))) throw new Error('argon2 refused the right password');
  };
  void runLoad({ operation }, availableParallelism(), seconds).then((measured: Measurement) =>
    process.send?.(measured),
  );
});
process.once('disconnect', () => process.exit());
