import { Worker } from 'node:worker_threads';
import { createGate } from './gate.ts';

/** What comes later in a password can only make it better, and is not looked at. */
const judgedCharacters = 64;
/** Dictionaries are memory: they go when nobody has set a password for a while. */
const idleMs = 60_000;

export type Question = { password: string; context: string[] };
/** `score`: 0 (worthless) to 4; `common`: the password as a whole is in a list of passwords that people use. */
export type Strength = { score: number; common: boolean };

/**
 * How long somebody would guess at a password who knows `context` about its owner. Dictionaries are loaded with the first
 * question. One question at a time; throws AppError 'unavailable' when too many wait.
 */
export function createPasswordStrength(): (question: Question) => Promise<Strength> {
  const gate = createGate({ maxInFlight: 1 });
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;

  return ({ password, context }) => gate.run(() => ask({ password: password.slice(0, judgedCharacters), context }));

  async function ask(question: Question): Promise<Strength> {
    clearTimeout(idle);
    const current = (worker ??= new Worker(new URL('./password-strength-worker.ts', import.meta.url)));
    const { promise, resolve, reject } = Promise.withResolvers<Strength>();
    const end = (): void => reject(new Error('the thread that judges passwords has ended'));
    current.once('message', resolve).once('error', reject).once('exit', end).ref();
    current.postMessage(question);
    try {
      return await promise;
    } catch (error) {
      worker = undefined;
      throw error;
    } finally {
      current.off('message', resolve).off('error', reject).off('exit', end).unref();
      idle = setTimeout(() => {
        worker = undefined;
        void current.terminate();
      }, idleMs).unref();
    }
  }
}
