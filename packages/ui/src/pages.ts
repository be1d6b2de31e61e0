import { createRenderer, type Problem } from '@portcullis/http';
import { helpers } from './controls.ts';
import type { IconName } from './icons.ts';
import type { Locale } from './messages.ts';
import { createWords, momentHtml, translatedHtml, type Values, type Words } from './words.ts';

export type Tone = 'idp' | 'shop' | 'forum' | 'dashboard' | 'admin';

/** What surrounds a page's own content. */
export type Chrome = {
  /** The language the page is in; English unless said. */
  locale?: Locale;
  title: string;
  product: string;
  tone?: Tone;
  width?: 'narrow' | 'wide';
  apps?: { name: string; href: string; current: boolean }[];
  nav?: { label: string; href: string; current: boolean; badge?: string }[];
  person?: { name: string; signOut: { action: string; csrf: string } } | { signInHref: string };
};

const MARKS: Record<Tone, IconName> = {
  idp: 'gate',
  shop: 'shopping-bag',
  forum: 'messages-square',
  dashboard: 'chart-column',
  admin: 'shield-check',
};

const PARTIALS = [
  'layout',
  'header-wide',
  'family',
  'person',
  'csrf',
  'icon',
  'alert',
  'empty',
  'pager',
  'field',
  'textarea',
  'select',
  'checkbox',
  'choices',
  'field-error',
];
const ours = Object.fromEntries(PARTIALS.map((name) => [name, file(name)]));

/**
 * Compiles every page at boot. Templates are written inside `{{#> layout}}`; README.md lists what they may use.
 * `words`: the texts that `{{t "feature.key" name=value}}` finds, in the language of the page's chrome.
 */
export function createPages<Views extends object>(
  templates: Record<keyof Views, URL>,
  {
    partials = {},
    words = createWords({}),
  }: { partials?: Record<string, URL>; words?: (locale: Locale) => Words } = {},
): <Name extends keyof Views>(name: Name, view: Views[Name] & { chrome: Chrome }) => string {
  type Framed = { [Name in keyof Views]: object };
  const speaking = {
    t: (key: unknown, options: unknown) => translatedHtml(words(localeOf(options)), String(key), valuesOf(options)),
    moment: (at: unknown, options: unknown) =>
      momentHtml(localeOf(options), at instanceof Date ? at : new Date(String(at))),
  };
  const render = createRenderer<Framed>(templates, { ...ours, ...partials }, { ...helpers, ...speaking });
  return (name, view) => render(name, { ...view, chrome: frame(view.chrome) });
}

/** What handlebars gives a helper last: the values written behind its name, and the page's view. */
type HelperOptions = { hash: Values; data: { root: { chrome: { locale: Locale } } } };

function localeOf(options: unknown): Locale {
  return (options as HelperOptions).data.root.chrome.locale;
}

function valuesOf(options: unknown): Values {
  return (options as HelperOptions).hash;
}

const PROBLEM_ICONS: Record<number, IconName> = {
  200: 'circle-check',
  401: 'lock',
  403: 'lock',
  404: 'search',
  429: 'clock',
  503: 'clock',
};

/** The page of everything that goes wrong, for createKoa; also of an end that is none, such as having signed out. */
export function errorPage(product: string, tone: Tone = 'idp'): (problem: Problem) => string {
  type Views = { error: { problem: Problem; failed: boolean; icon: IconName } };
  const render = createPages<Views>({ error: file('error') });
  return (problem) =>
    render('error', {
      problem: { action: { label: 'To the front page', href: '/' }, ...problem },
      failed: problem.status >= 400,
      icon: PROBLEM_ICONS[problem.status] ?? 'triangle-alert',
      chrome: { title: problem.title, product, tone },
    });
}

/** Every field the layout prints, present: templates are strict. */
function frame(chrome: Chrome) {
  const { locale = 'en', tone = 'idp', width = 'narrow', apps = [], nav = [], person } = chrome;
  return {
    locale,
    title: chrome.title,
    product: chrome.product,
    tone,
    width,
    wide: width === 'wide',
    mark: MARKS[tone],
    markClass: tone === 'idp' ? 'gate' : 'mark',
    apps,
    nav: nav.map((entry) => ({ badge: null, ...entry })),
    person: person && 'name' in person ? person : null,
    signInHref: person && 'signInHref' in person ? person.signInHref : null,
  };
}

function file(name: string): URL {
  return new URL(`./${name}.hbs`, import.meta.url);
}
