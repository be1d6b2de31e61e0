import { join } from 'node:path';
import { textFaults } from '@portcullis/ui';
import { expect, test } from 'vitest';
import { features } from './messages.ts';

const here = join(import.meta.dirname, '..');
const ui = join(here, '..', '..', '..', 'packages', 'ui', 'src');

test('every page and letter says everything in every language', () => {
  expect(textFaults({ features, folders: [here, ui] })).toEqual([]);
});
