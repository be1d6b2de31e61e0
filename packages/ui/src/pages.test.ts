import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { defineMessages } from './messages.ts';
import { createErrorPage, createPages, type Chrome } from './pages.ts';
import { createWords } from './words.ts';

const chrome: Chrome = { title: 'Orders', product: 'Shop', tone: 'shop', width: 'wide' };

/** Renders one page from this source. */
function page(source: string, view: object = {}): string {
  const file = join(mkdtempSync(join(tmpdir(), 'pages-')), 'page.hbs');
  writeFileSync(file, source);
  return createPages<{ page: object }>({ page: pathToFileURL(file) })('page', { chrome, ...view });
}

test('a field ties label, hint and error to its input, and escapes what was typed', () => {
  const html = page(
    '{{> field email name="email" label="E-mail" type="email" hint="Yours." required=true maxlength="320"}}',
    {
      email: { value: '"><script>', error: 'Enter an address.' },
      error: 'of the page, not of the field',
    },
  );
  expect(html).toContain('<label for="email">E-mail</label>');
  expect(html).toContain(
    '<input id="email" name="email" type="email" maxlength="320" aria-invalid="true" aria-describedby="email-hint email-error" required value="&quot;&gt;&lt;script&gt;">',
  );
  expect(html).toMatch(/id="email-hint">Yours\./);
  expect(html).toMatch(/id="email-error">.*<span>Enter an address\.<\/span>/s);
  expect(html).not.toContain('of the page');
});

test('a field without an error says nothing of one, and does not inherit that of the page', () => {
  const html = page('{{> field email name="email" label="E-mail"}}', {
    email: { value: '', error: null },
    error: 'page',
  });
  expect(html).toContain('<input id="email" name="email" value="">');
  expect(html).not.toContain('field-error');
});

test('a form partial without its state is a mistake in the page, not an empty field', () => {
  expect(() => page('{{> field emial name="email" label="E-mail"}}', { email: { value: '', error: null } })).toThrow(
    /state/,
  );
});

test('select, textarea, checkbox, csrf, alert, empty and pager print what they were given', () => {
  const html = page(
    `{{> csrf token=csrf}}{{> textarea body name="body" label="Reply" rows="4"}}{{> checkbox remember name="remember" label="Stay"}}
     {{> select sort name="sort" label="Sort" id="sort-2"}}{{#> alert tone="danger"}}<p>{{note}}</p>{{/alert}}
     {{#> empty icon="inbox" heading="Nothing"}}<p>{{note}}</p>{{/empty}}{{> pager pages}}{{> icon name="lock"}}`,
    {
      csrf: 'tok',
      body: { value: '</textarea><b>\n  second line', error: null },
      remember: { checked: true },
      sort: {
        value: 'new',
        error: null,
        options: [
          { value: 'new', label: 'Newest', selected: true },
          { value: 'old', label: 'Oldest', selected: false },
        ],
      },
      note: 'a < b',
      pages: { previousHref: null, nextHref: '/?page=2', label: 'Page 1 of 2' },
    },
  );
  expect(html).toContain('<input type="hidden" name="csrf" value="tok">');
  expect(html).toContain(
    '<textarea id="body" name="body" rows="4">&lt;/textarea&gt;&lt;b&gt;\n  second line</textarea>',
  );
  expect(html).toMatch(/<input type="checkbox" value="yes" id="remember" name="remember" checked>/);
  expect(html).toMatch(
    /<select id="sort-2" name="sort">\s*<option value="new" selected>Newest<\/option>\s*<option value="old">Oldest/,
  );
  expect(html).toMatch(/class="alert danger" role="alert"[^]*<p>a &lt; b<\/p>/);
  expect(html).toMatch(/<h2>Nothing<\/h2>\s*<p>a &lt; b<\/p>/);
  expect(html).toContain('href="/?page&#x3D;2" rel="next"');
  expect(html).not.toContain('rel="prev"');
});

test('the wide layout shows the family, the nav with what is current, and a sign-out form with its token', () => {
  const html = page('{{#> layout}}<h1>Orders</h1>{{/layout}}', {
    chrome: {
      ...chrome,
      apps: [
        { name: 'Shop', href: 'http://localhost:4001', current: true },
        { name: 'Forum', href: 'http://localhost:4002', current: false },
      ],
      nav: [{ label: 'Basket', href: '/basket', current: true, badge: '2' }],
      person: { name: 'Alice', switchHref: '/switch', signOut: { action: '/sign-out', csrf: 'tok' } },
    },
  });
  expect(html).toContain('<title>Orders · Shop</title>');
  expect(html).toMatch(/<a href="http:\/\/localhost:4001" aria-current="true">Shop<\/a>/);
  expect(html).toMatch(/<a href="\/basket" aria-current="page">\s*Basket/);
  expect(html).toMatch(/<form method="post" action="\/sign-out">\s*<input type="hidden" name="csrf" value="tok">/);
  expect(html).toMatch(/<a [^>]*href="\/switch" title="Switch account">/);
  expect(html).not.toContain('sign-in"');
});

test('the wide layout offers a sign-in to a stranger, the narrow one nothing', () => {
  const stranger = page('{{#> layout}}x{{/layout}}', {
    chrome: { ...chrome, person: { signInHref: '/sign-in?return_to=%2F' } },
  });
  expect(stranger).toContain('href="/sign-in?return_to&#x3D;%2F"');
  expect(stranger).not.toContain('Sign out');
  expect(page('{{#> layout}}x{{/layout}}', { chrome: { title: 'Sign in', product: 'Portcullis' } })).not.toMatch(
    /Sign (in|out)<\/(a|button)>/,
  );
});

test('the error page says what happened, escaped, with its way on and its reference', () => {
  const problem = { status: 403, code: 'x', title: 'You <cannot>', message: 'No & never.', requestId: 'ref-1' };
  const html = createErrorPage({ product: 'Forum', tone: 'forum' })({
    ...problem,
    action: { label: 'Back', href: '/' },
  });
  expect(html).toContain('<h1>You &lt;cannot&gt;</h1>');
  expect(html).toContain('No &amp; never.');
  expect(html).toContain('ref-1');
  expect(html).toContain('tone-forum');
  expect(html).toMatch(/<a class="button block" href="\/">Back<\/a>/);
  for (const status of [400, 401, 404, 429, 500, 503]) {
    expect(createErrorPage()({ ...problem, status })).toContain(`Error ${status}`);
  }
});

test('R-60: no page of ours needs an inline style or script, or anything from elsewhere', () => {
  const html =
    page('{{#> layout}}x{{/layout}}') +
    createErrorPage()({ status: 500, code: 'x', title: 't', message: 'm', requestId: 'r' });
  expect(html).not.toMatch(/\sstyle=|<style|\son\w+=|<script(?! src="\/assets\/)/i);
  expect(html).not.toMatch(/(?:src|href)="https?:/);
});

test('choices are radio buttons of one name under a legend, with what is wrong tied to them', () => {
  const options = [
    { value: 'a', label: 'Everywhere', selected: false },
    { value: 'b', label: 'Here', selected: true },
  ];
  const html = page('{{> choices scope name="scope" label="Where"}}', { scope: { value: 'b', error: 'No.', options } });
  expect(html).toMatch(/<fieldset[^>]+aria-describedby="scope-error">\s*<legend>Where<\/legend>/);
  expect(html.match(/<input type="radio" name="scope"/g)).toHaveLength(2);
  expect(html).toMatch(/value="b" checked>/);
  expect(html).toContain('id="scope-error"');
});

const brand = {
  name: 'Harbour',
  logo: '/assets/x/brand-logo.svg',
  hue: 262,
  links: { support: 'mailto:help@harbour.example', privacy: null, terms: 'https://harbour.example/terms' },
};

/** One narrow page of a deployment with a brand of its own. */
function branded(own: Chrome): string {
  const file = join(mkdtempSync(join(tmpdir(), 'pages-')), 'page.hbs');
  writeFileSync(file, '{{#> layout}}<h1>x</h1>{{/layout}}');
  const languageHref = (locale: string) => `/language/${locale}`;
  return createPages<{ page: object }>({ page: pathToFileURL(file) }, { brand, languageHref })('page', { chrome: own });
}

test('a deployment has its own name, logo, hue and links on every page', () => {
  const html = branded({ title: 'Sign in' });
  expect(html).toContain('<title>Sign in · Harbour</title>');
  expect(html).toContain('<span class="wordmark">Harbour</span>');
  expect(html).toContain('<img class="brand-logo" src="/assets/x/brand-logo.svg" alt=""');
  expect(html).toMatch(/<html[^>]*class="[^"]*\bhue-260\b/);
  expect(html).toContain('<a href="mailto:help@harbour.example">Help</a>');
  expect(html).toContain('>Terms</a>');
  expect(html).not.toContain('Privacy');
});

test('an application gives its sign-in page a hue of its own', () => {
  expect(branded({ title: 'Sign in', hue: 359 })).toMatch(/<html[^>]*\bhue-0\b/);
});

test('every language is offered in its own words, and the page says which it is in', () => {
  const html = branded({ title: 'Anmelden', locale: 'de' });
  expect(html).toContain('<html lang="de"');
  expect(html).toMatch(/href="\/language\/es" lang="es" hreflang="es" referrerpolicy="same-origin"[^>]*>Español</);
  expect(html).toMatch(/href="\/language\/de"[^>]*aria-current="true">Deutsch</);
  expect(html).toMatch(/data-show="Anzeigen"/);
});

test('what an act came to is said over the next page', () => {
  const html = branded({ title: 'x', toast: { tone: 'success', text: 'Saved & done.' } });
  expect(html).toMatch(/<div class="toast success" role="status">.*Saved &amp; done\./);
  expect(branded({ title: 'x' })).not.toContain('toast');
});

test('an end that is no failure has no error number', () => {
  const ended = { status: 401, code: 'x', title: 'You were signed out', message: 'm', requestId: 'ref-1' };
  expect(createErrorPage({ product: 'Shop' })({ ...ended, ordinary: true })).not.toMatch(/Error 401|ref-1/);
});

test('an address breaks before its @ and after all dots but the last, also within a text, and is escaped', () => {
  const email = 'a&b.c@mail.example';
  const file = join(mkdtempSync(join(tmpdir(), 'pages-')), 'page.hbs');
  writeFileSync(file, '{{breakable email}} {{t "mails.sent" email=(breakable email) name=email}}');
  const words = createWords({
    mails: defineMessages({
      en: { sent: 'To {email}, {name}' },
      de: { sent: '{email} {name}' },
      es: { sent: '{email} {name}' },
    }),
  });
  const html = createPages<{ page: { email: string } }>({ page: pathToFileURL(file) }, { words })('page', {
    chrome,
    email,
  });
  const broken = 'a&amp;b.<wbr>c<wbr>@mail.example';
  expect(html).toBe(`${broken} To ${broken}, a&amp;b.c@mail.example`);
});

test('what failed for a reason of ours is tried again by a click, anything else leads to the front page', () => {
  const errorPage = createErrorPage();
  const problem = { status: 503, code: 'busy', title: 'Busy', message: 'In a moment.', requestId: 'r' };
  expect(errorPage({ ...problem, repeatable: true })).toContain('href="">Try again</a>');
  expect(errorPage(problem)).toContain('href="/">To the front page</a>');
});
