import { Secret } from '@portcullis/config';
import { startInbox, type TestInbox } from '@portcullis/testing';
import { locales } from '@portcullis/ui';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMailer, type Mailer } from './mailer.ts';
import { composedTo } from './test/post-house.ts';

const letterhead = { product: 'Gate & Co\r\nBcc: eve@evil.example', issuer: 'https://login.example:8443', hue: 25 };
const url = 'https://login.example:8443/not-me?token=abc_DEF-123';
let inbox: TestInbox;
let mailer: Mailer;
beforeAll(async () => {
  inbox = await startInbox();
  mailer = createMailer({ smtpUrl: new Secret(inbox.smtpUrl), from: 'gate@login.example', letterhead });
});
afterAll(async () => {
  mailer[Symbol.dispose]();
  await inbox[Symbol.asyncDispose]();
});

test('A-12: line breaks in names and subjects make no header and no recipient', async () => {
  const injected = 'News\r\nBcc: eve@evil.example\nX-Injected: yes\u2028Cc: eve@evil.example\u0000';
  expect(await mailer.send(composedTo('mara@example.org', { subject: injected }), 'one')).toBe('sent');
  const letter = await inbox.letterTo('mara@example.org');
  expect(letter.envelope.to.map(({ address }) => address)).toEqual(['mara@example.org']);
  expect(letter.subject).toBe('News Bcc: eve@evil.example X-Injected: yes Cc: eve@evil.example');
  expect(letter.headers).not.toHaveProperty('bcc');
  expect(letter.headers).not.toHaveProperty('cc');
  expect(letter.headers).not.toHaveProperty('x-injected');
  expect(await inbox.all('eve@evil.example')).toEqual([]);
});

test.each([
  'mara@example.org\r\nRCPT TO:<eve@evil.example>',
  'mara@example.org, eve@evil.example',
  'mara@example.org,eve@evil.example',
  '"eve@evil.example"@example.org',
  'Mara <eve@evil.example>',
  'eve@evil.example(@example.org)',
  'mara@example.org;eve@evil.example',
  'mara@exam\u200Bple.org',
  '',
])('A-12: what could be read as another address gets no letter: %j', async (to) => {
  const before = (await inbox.all()).length;
  expect(await mailer.send(composedTo(to), 'two')).toBe('refused');
  expect(await inbox.all()).toHaveLength(before);
});

test('a letter comes from the configured sender, answers to nobody, and is known again by its id', async () => {
  await mailer.send(composedTo('headers@example.org', { locale: 'de' }), 'job-1');
  const { headers, envelope } = await inbox.letterTo('headers@example.org');
  expect(envelope.from.address).toBe('gate@login.example');
  expect(headers).toMatchObject({
    'message-id': '<job-1@login.example>',
    'auto-submitted': 'auto-generated',
    'content-language': 'de',
    'content-type': expect.stringContaining('multipart/alternative'),
  });
});

test.each(locales)('the letter in %s: both parts say everything, and load nothing', async (locale) => {
  const to = `${locale}@example.org`;
  const parts = {
    heading: 'Heading <1> & co',
    paragraphs: ['First <b>paragraph</b>', 'Second'],
    facts: [{ label: 'Device', value: 'Firefox <script>' }],
    code: '01234567',
    action: { label: 'Open "it"', url },
    closing: ['Seven days'],
  };
  await mailer.send(composedTo(to, { locale, ...parts }), `id-${locale}`);
  const { text, html } = await inbox.letterTo(to);

  for (const said of ['Heading <1> & co', 'First <b>paragraph</b>', 'Device: Firefox <script>', 'Seven days'])
    expect(text).toContain(said);
  expect(text).toMatch(/: 01234567$/m);
  const spoken = `${url}&ui_locales=${locale}`; // the page speaks as the letter does
  expect(text.split('\n')).toContain(spoken);
  for (const said of ['Heading &lt;1&gt; &amp; co', 'First &lt;b&gt;paragraph', 'Firefox &lt;script&gt;', '01234567'])
    expect(html).toContain(said);
  expect(html).toContain(`<html lang="${locale}">`);
  const loads =
    /<(img|link|script|iframe|object|video|audio|base|form)\b|@import|@font-face|url\(|\b(src|srcset|background)\s*=/i;
  expect(html).not.toMatch(loads);
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) =>
    href?.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&'),
  );
  expect(new Set(links)).toEqual(new Set([spoken]));
});
