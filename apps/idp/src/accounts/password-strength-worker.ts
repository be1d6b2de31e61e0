/** zxcvbn with its dictionaries, in a thread of its own: a password can keep it busy for a tenth of a second. */
import { parentPort } from 'node:worker_threads';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as everywhere from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';
import type { Question, Strength } from './password-strength.ts';

const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...everywhere.dictionary, ...english.dictionary },
  graphs: everywhere.adjacencyGraphs,
  l33tMaxSubstitutions: 16, // it tries each both ways: a hundred of them cost seconds
});

parentPort?.on('message', ({ password, context }: Question) => {
  const { score, sequence } = zxcvbn.check(password, context);
  const [first, ...others] = sequence;
  const listed = first?.pattern === 'dictionary' && first['dictionaryName'] === 'passwords-common';
  const strength: Strength = { score, common: listed && others.length === 0 };
  parentPort?.postMessage(strength);
});
