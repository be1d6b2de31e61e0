import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorizationRequest, callback, exchange, hiddenField, startIdp, type TestIdp } from '#harness.ts';

let idp: TestIdp;
let client: string;
beforeAll(async () => {
  idp = await startIdp();
  client = await idp.declare();
}, 60_000);
afterAll(() => idp[Symbol.asyncDispose]());

const payloads = [
  '"><script>alert(1)</script>',
  "'><script>alert(1)</script>",
  '</title><script>alert(1)</script>',
  '"/><img src=x onerror=alert(1)>',
  '" autofocus onfocus=alert(1) x="',
  '&quot;><svg/onload=alert(1)>',
  '&#34;&#62;<b>',
  '<!--',
  ']]>',
  '{{constructor.constructor("alert(1)")()}}',
  'javascript:alert(1)',
  '\u2028\u2029',
  '\r\n\r\n<script>',
  '%22%3E%3Cscript%3E',
  '＜script＞',
  '`${alert(1)}`',
];

test.each(payloads)('A-16: a form_post response carries the state %j as text and as nothing else', async (state) => {
  const page = await idp
    .browser()
    .authorize(authorizationRequest(client, { response_mode: 'form_post', prompt: 'none', state }));
  const tags = page.text.match(/<[a-z!/][^\s>]*/gi) ?? [];
  expect(new Set(tags.map((tag) => tag.toLowerCase()))).toEqual(usualTags);
  expect(decoded(/name="state" value="([^"]*)"/.exec(page.text)?.[1] ?? '')).toBe(state);
});

test('the response of form_post goes to the application by POST, with code, state and issuer', async () => {
  const request = authorizationRequest(client, { response_mode: 'form_post' });
  const page = await idp.browser().signIn(request, (await idp.person()).email);
  expect(page.response.status).toBe(200);
  expect(page.text).toContain(`<form method="post" action="${callback}">`);
  expect([hiddenField(page.text, 'state'), hiddenField(page.text, 'iss')]).toEqual([
    request.params['state'],
    idp.issuer,
  ]);
  const redirect = new URL(`${callback}?code=${hiddenField(page.text, 'code')}`);
  expect((await idp.token(client, exchange(request, redirect))).status).toBe(200);
});

describe('R-60: the policy of a form_post page', () => {
  test.each<[string, Record<string, string>]>([
    ['with a code', {}],
    ['with an error', { prompt: 'none' }],
    ['with an error found early', { response_type: 'token' }],
  ])('%s lets exactly its script run and its form reach the application', async (_, over) => {
    const request = authorizationRequest(client, { response_mode: 'form_post', ...over });
    const browser = idp.browser();
    const first = await browser.authorize(request);
    const { response, text } = first.text.includes('name="password"')
      ? await browser.submit(first, (await idp.person()).email)
      : first;
    const policy = response.headers.get('content-security-policy') ?? '';
    const script = /<script>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '';
    expect(policy).toContain(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).toMatch(/form-action[^;]* https:\/\/app\.example[ ;]/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(text).toContain(`action="${callback}"`);
  });

  test('of an address that is not registered says nothing of it', async () => {
    const request = authorizationRequest(client, { response_mode: 'form_post', redirect_uri: 'https://evil.example/' });
    const { response, text } = await idp.browser().authorize(request);
    expect(response.status).toBe(400);
    expect(`${response.headers.get('content-security-policy')}${text}`).not.toContain('evil.example');
  });
});

const usualTags = new Set(
  ['!doctype', 'html', 'head', 'meta', 'title', '/title', 'script', '/script', '/head', 'body', 'form', 'input']
    .concat(['noscript', 'br/', 'button', '/button', '/noscript', '/form', '/body', '/html'])
    .map((tag) => `<${tag}`),
);

function decoded(attribute: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return attribute.replace(/&(#x?[\da-f]+|\w+);/gi, (_, name: string) =>
    name.startsWith('#')
      ? String.fromCodePoint(name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)))
      : (names[name] ?? '?'),
  );
}
