import { expect, test } from 'vitest';
import { readSignInForm } from './sign-in-form.ts';

test('the form with the password is read, hidden fields and escaped values included', () => {
  const page = `<form action="/search"><input name="q"></form>
    <form method="post" action="/sign-in/abc?x=1&amp;y=2"><input type="hidden" name="csrf" value="a&#x3D;b&#43;c">
    <input id="email" name="email" type=email value=""><input type='password' name='password' required>
    <input type="checkbox" name="remember" value="1"></form>`;
  expect(readSignInForm(page)).toEqual({
    action: '/sign-in/abc?x=1&y=2',
    fields: { csrf: 'a=b+c', email: '', password: '' },
    emailField: 'email',
    passwordField: 'password',
  });
});

test('a page without such a form is shown in the refusal', () => {
  expect(() => readSignInForm('<h1>Too many requests</h1>')).toThrow('Too many requests');
});
