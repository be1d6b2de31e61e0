import { join } from 'node:path';
import { textFaults } from '@portcullis/ui';
import { refusals } from '#pages/problem.ts';
import { expect, test } from 'vitest';
import { features } from './messages.ts';

test('every page says everything in every language', () => {
  expect(textFaults({ features, folders: [join(import.meta.dirname, '..')], refusals })).toEqual([]);
});
