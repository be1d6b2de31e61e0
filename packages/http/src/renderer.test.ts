import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { createRenderer, safeHtml } from './renderer.ts';

function template(source: string): URL {
  const file = join(mkdtempSync(join(tmpdir(), 'renderer-')), 'page.hbs');
  writeFileSync(file, source);
  return pathToFileURL(file);
}

test('R-65: what a page prints is escaped, in partials too', () => {
  const render = createRenderer<{ page: { name: string } }>(
    { page: template('<p title="{{name}}">{{> who}}</p>') },
    { who: template('<i>{{name}}</i>') },
  );
  expect(render('page', { name: '"><script>' })).toBe(
    '<p title="&quot;&gt;&lt;script&gt;"><i>&quot;&gt;&lt;script&gt;</i></p>',
  );
});

test('a field the view lacks is an error, not an empty string', () => {
  const render = createRenderer<{ page: object }>({ page: template('{{name}}') });
  expect(() => render('page', {})).toThrow(/name/);
});

test.each(['{{{name}}}', '{{&name}}', '{{#if a}}{{{name}}}{{/if}}'])(
  'R-65: unescaped output does not compile: %s',
  (source) => {
    expect(() => createRenderer({ page: template(source) })).toThrow(/unescaped/);
    expect(() => createRenderer({ page: template('x') }, { part: template(source) })).toThrow(/unescaped/);
  },
);

test('R-65: a view cannot reach the prototype of what it prints', () => {
  const render = createRenderer<{ page: object }>({ page: template('{{constructor.name}}') });
  expect(() => render('page', {})).toThrow(/not defined|constructor/);
});

test('a helper may print markup of its own', () => {
  const render = createRenderer({ page: template('{{mark}}') }, {}, { mark: () => safeHtml('<b>!</b>') });
  expect(render('page', {})).toBe('<b>!</b>');
});
