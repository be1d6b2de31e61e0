import { createRenderer, type ErrorPage, type Locale, localeOf, locales, type Problem } from '@portcullis/http';
import { helpers } from './controls.ts';
import type { IconName } from './icons.ts';
import { hueClass } from './hues.ts';
import { layoutMessages } from './layout-messages.ts';
import { inWordsOf, type ProblemTexts } from './problems.ts';
import { createWords, momentHtml, translatedHtml, type MarkupValues, type Words } from './words.ts';

export type Tone = 'idp' | 'shop' | 'forum' | 'dashboard' | 'admin';

/** What surrounds a page's own content. */
export type Chrome = {
  /** The language the page is in; English unless said. */
  locale?: Locale;
  title: string;
  /** Whose page it is; the brand's name unless said. */
  product?: string;
  /** The colour of this page in degrees, say an application's on its sign-in page; the brand's unless said. */
  hue?: number | null;
  /** What the act before this page came to, once: text ready to read. */
  toast?: Toast | null;
  tone?: Tone;
  width?: 'narrow' | 'wide';
  apps?: { name: string; href: string; current: boolean }[];
  nav?: { label: string; href: string; current: boolean; badge?: string }[];
  /** `switchHref`: where another account is chosen or added. */
  person?: { name: string; switchHref?: string; signOut: { action: string; csrf: string } } | { signInHref: string };
};

export type Toast = { tone: 'success' | 'info' | 'warning' | 'danger'; text: string };

/** Who runs this deployment, on every page of it. */
export type Brand = {
  name: string;
  /** Where the logo is served: an asset's path or a whole address. */
  logo: string | null;
  /** Degrees on the colour wheel. */
  hue: number | null;
  links: { support: string | null; privacy: string | null; terms: string | null };
};

const noBrand: Brand = {
  name: 'Portcullis',
  logo: null,
  hue: null,
  links: { support: null, privacy: null, terms: null },
};
const LANGUAGES: Record<Locale, string> = { en: 'English', de: 'Deutsch', es: 'Español' };

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
  'brand-mark',
  'toast',
  'family',
  'person',
  'person-name',
  'csrf',
  'icon',
  'alert',
  'empty',
  'outcome',
  'pager',
  'field',
  'textarea',
  'select',
  'checkbox',
  'choices',
  'field-error',
];
const ours = Object.fromEntries(PARTIALS.map((name) => [name, file(name)]));

type Options = {
  partials?: Record<string, URL>;
  /** The texts that `{{t "feature.key" name=value}}` finds, in the language of the page's chrome. */
  words?: (locale: Locale) => Words;
  brand?: Brand;
  /** Where a person picks another language; without it the pages offer none. */
  languageHref?: (locale: Locale) => string;
};

/** Compiles every page at boot. Templates are written inside `{{#> layout}}`; README.md lists what they may use. */
export function createPages<Views extends object>(
  templates: Record<keyof Views, URL>,
  { partials = {}, words = createWords({}), brand, languageHref }: Options = {},
): <Name extends keyof Views>(name: Name, view: Views[Name] & { chrome: Chrome }) => string {
  type Framed = { [Name in keyof Views]: object };
  const speaking = {
    t: (key: unknown, options: unknown) => translatedHtml(words(languageOf(options)), String(key), valuesOf(options)),
    moment: (at: unknown, options: unknown) =>
      momentHtml(languageOf(options), at instanceof Date ? at : new Date(String(at))),
  };
  const render = createRenderer<Framed>(templates, { ...ours, ...partials }, { ...helpers, ...speaking });
  return (name, view) => render(name, { ...view, chrome: frame(view.chrome, brand, languageHref) });
}

/** What handlebars gives a helper last: the values written behind its name, and the page's view. */
type HelperOptions = { hash: MarkupValues; data: { root: { chrome: { locale: Locale } } } };

function languageOf(options: unknown): Locale {
  return (options as HelperOptions).data.root.chrome.locale;
}

function valuesOf(options: unknown): MarkupValues {
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

type ErrorPageOptions = Pick<Options, 'brand' | 'languageHref'> & { product?: string; tone?: Tone };

/** The page of everything that goes wrong; also of an end that is none, such as having signed out (`ordinary`). */
export function createErrorPage({ product, tone = 'idp', ...options }: ErrorPageOptions = {}): (
  problem: Problem,
  locale?: Locale,
) => string {
  type Views = { error: { problem: Problem; action: Problem['action']; failed: boolean; icon: IconName } };
  const words = createWords({ layout: layoutMessages });
  const render = createPages<Views>({ error: file('error') }, { ...options, words });
  return (problem, locale = 'en') => {
    const { t } = words(locale);
    const again = { label: t('layout.try_again'), href: '' }; // this very page
    const home = { label: t('layout.front_page'), href: '/' };
    return render('error', {
      problem,
      action: problem.action ?? (problem.repeatable ? again : home),
      failed: problem.status >= 400 && !problem.ordinary,
      icon: PROBLEM_ICONS[problem.status] ?? 'triangle-alert',
      chrome: { title: problem.title, ...(product !== undefined && { product }), tone, locale },
    });
  };
}

/** The error page of an application, for createKoa, in the reader's language. `texts`: what it says of codes of its own. */
export function errorPage(product: string, tone: Tone = 'idp', texts: ProblemTexts[] = []): ErrorPage {
  const page = createErrorPage({ product, tone });
  return (problem, ctx) => {
    const locale = localeOf(ctx);
    return page(inWordsOf(locale, problem, texts), locale);
  };
}

/** Every field the layout prints, present: templates are strict. */
function frame(chrome: Chrome, brand?: Brand, languageHref?: Options['languageHref']) {
  const { locale = 'en', tone = 'idp', width = 'narrow', apps = [], nav = [], person, toast } = chrome;
  const { name, logo, hue: ownHue, links } = brand ?? noBrand;
  const hue = chrome.hue ?? ownHue;
  return {
    locale,
    title: chrome.title,
    product: chrome.product ?? name,
    tone,
    width,
    wide: width === 'wide',
    branded: brand !== undefined,
    hueClass: hue === null ? null : hueClass(hue),
    logo,
    mark: MARKS[tone],
    markClass: tone === 'idp' ? 'gate' : 'mark',
    apps,
    nav: nav.map((entry) => ({ badge: null, ...entry })),
    person: person && 'name' in person ? { switchHref: null, ...person } : null,
    signInHref: person && 'signInHref' in person ? person.signInHref : null,
    toast: toast ?? { tone: null, text: null },
    links: Object.entries(links).flatMap(([link, href]) => (href === null ? [] : [{ label: `layout.${link}`, href }])),
    languages: languageHref
      ? locales.map((one) => ({ locale: one, name: LANGUAGES[one], href: languageHref(one), current: one === locale }))
      : [],
  };
}

function file(name: string): URL {
  return new URL(`./${name}.hbs`, import.meta.url);
}
