import { expect, test } from 'vitest';
import { formsIn, linksIn, passwordForm, titleOf } from './pages.ts';

const page = `
  <title>Fallback</title>
  <a href="/sign-in?return_to=%2F&amp;x=1" class='button'><svg><path d="M0"/></svg> Sign&nbsp;<b>in</b></a> <a name="top">Top</a>
  <h1>Welcome <em>back</em></h1>
  <form action=/search><input name=q></form>
  <form method="POST" action="/go?a=1&amp;b=2">
    <input type="hidden" name="csrf" value="a&quot;b&#x26;c&#39;">
    <input name='email' type='email' required>
    <input type="password" name="password"><input type="submit" value="Go">
  </form>`;

test('the forms and links of a page are read as a browser reads them', () => {
  expect(formsIn(page)).toEqual([
    { action: '/search', method: 'get', fields: [{ name: 'q', type: 'text', value: '' }] },
    {
      action: '/go?a=1&b=2',
      method: 'post',
      fields: [
        { name: 'csrf', type: 'hidden', value: 'a"b&c\'' },
        { name: 'email', type: 'email', value: '' },
        { name: 'password', type: 'password', value: '' },
      ],
    },
  ]);
  expect(passwordForm(page)?.action).toBe('/go?a=1&b=2');
  expect(linksIn(page)).toEqual([{ href: '/sign-in?return_to=%2F&x=1', text: 'Sign in' }]);
  expect(titleOf(page)).toBe('Welcome back');
});
