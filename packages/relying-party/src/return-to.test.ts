import { expect, test } from 'vitest';
import { localPath } from './return-to.ts';

test.for(['/', '/orders', '/orders/12?all=1', '/search?q=a%20b&mail=a@b.example', '/a%20b', "/it's;(fine)", '/~x/$y'])(
  'A-05 a path of ours is kept: %s',
  (path) => {
    expect(localPath(path)).toBe(path);
  },
);

test.for([
  undefined,
  '',
  'orders',
  'https://evil.example/',
  'javascript:alert(1)',
  'data:text/html,x',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/ /evil.example',
  '/@evil.example',
  '/user@evil.example',
  '/%2F/evil.example',
  '/%2f%2fevil.example',
  '/%5Cevil.example',
  '/%252F%252Fevil.example',
  '/%09/evil.example',
  '/%00',
  '/%E0%A4%A',
  '/.//evil.example',
  '/a/..//evil.example',
  '/..//evil.example',
  '/%2e%2e//evil.example',
  '/\u2215evil.example',
  '/\uff0fevil.example',
  '/%EF%BC%8Fevil.example',
  '/%252525252F%252525252Fevil.example/%2F/x',
  '/#//evil.example',
  `/${'a'.repeat(3000)}`,
])('A-05 anything else leads to the front page: %j', (value) => {
  expect(localPath(value)).toBe('/');
});
