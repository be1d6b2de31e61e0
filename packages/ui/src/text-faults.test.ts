import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textFaults } from './text-faults.ts';

test.each(['routes.ts', 'factor-routes.ts', 'views.ts', 'letters.ts', 'answers.ts', 'refusals.ts', 'notices.ts'])(
  'a sentence that stands in %s and not among the texts is told',
  (file) => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'text-faults-'));
    writeFileSync(join(folder.path, 'page.hbs'), '');
    writeFileSync(join(folder.path, file), `export const told = 'Your password is changed.';\n`);
    expect(textFaults({ features: {}, folders: [folder.path] })).toEqual([`${file}: 'Your password is changed.'`]);
  },
);
