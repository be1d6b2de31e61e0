import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { locales } from '@portcullis/http';
import type { Messages } from './messages.ts';
import type { ProblemTexts } from './problems.ts';
import { valuesNeeded } from './words.ts';

type File = { name: string; source: string };
type Application = {
  /** What its `createWords` is given. */
  features: Record<string, Messages>;
  /** The folders with its templates and its code. */
  folders: string[];
  /** What its error page says of codes of its own; where it is given, every refusal outside of `api/` is looked for in it. */
  refusals?: ProblemTexts[];
};

/**
 * For the test of an application: everything that would keep one of its pages from speaking a language. A text that is
 * missing, empty, or needs other values in one language; one that a template asks for in vain or without its values; one
 * that nothing asks for; words in a template, or a sentence in the code of a page, that did not go through `t`; and a refusal
 * in English only.
 */
export function textFaults({ features, folders, refusals }: Application): string[] {
  const templates = folders.flatMap((folder) => filesIn(folder, '**/*.hbs'));
  const code = folders.flatMap((folder) => filesIn(folder, '**/*.ts')).filter(({ name }) => !name.includes('.test.'));
  if (templates.length === 0) throw new Error(`there is no template in ${folders.join(' ')}`);
  return [
    ...differences(features),
    ...templates.flatMap((file) => askedInVain(file, features)),
    ...templates.flatMap(spokenInOneLanguage),
    ...code.flatMap(writtenInCode),
    ...unasked(features, [...templates, ...code]),
    ...(refusals ? code.flatMap((file) => refusedInEnglish(file, refusals)) : []),
  ];
}

function filesIn(folder: string, pattern: string): File[] {
  return globSync(pattern, { cwd: folder }).map((name) => ({ name, source: readFileSync(join(folder, name), 'utf8') }));
}

function differences(features: Application['features']): string[] {
  const english = valuesNeeded(features, 'en');
  return locales.flatMap((locale) => {
    const needed = valuesNeeded(features, locale);
    const keys = new Set([...english.keys(), ...needed.keys()]);
    const empty = Object.entries(features).flatMap(([feature, messages]) =>
      Object.entries(messages[locale]).flatMap(([key, text]) => (text === '' ? [`${feature}.${key}`] : [])),
    );
    return [
      ...[...keys].filter((key) => needed.get(key) !== english.get(key)).map((key) => `${locale}: ${key} is another`),
      ...empty.map((key) => `${locale}: ${key} is empty`),
    ];
  });
}

function askedInVain({ name, source }: File, features: Application['features']): string[] {
  const needed = valuesNeeded(features, 'en');
  return [...source.matchAll(/[{(]t "([^"]+)"([^})]*)/g)].flatMap(([, key = '', given = '']) => {
    const values = needed.get(key);
    if (values === undefined) return [`${name}: there is no text ${key}`];
    const missing = values.split(' ').filter((value) => value && !new RegExp(`\\b${value}=`).test(given));
    return missing.map((value) => `${name}: ${key} needs ${value}`);
  });
}

function spokenInOneLanguage({ name, source }: File): string[] {
  const calls = [...source.matchAll(/\{\{[^}]*\}\}/g)].map(([call]) => call).join('\n');
  const markup = source.replace(/\{\{!--.*?--\}\}|\{\{[^}]*\}\}/gs, '');
  const printed = markup.replace(/<(style|script)\b.*?<\/\1>|<!--.*?-->|<[^>]*>/gs, ' ').replace(/&\w+;/g, ' ');
  const found = [
    ...(printed.match(/\p{L}{2,}(?:[ ,]+\p{L}+)*/gu) ?? []),
    ...[...markup.matchAll(/\b(?:alt|title|aria-label|data-label|placeholder)="([^"]*\p{L}[^"]*)"/gu)].map(
      ([text]) => text,
    ),
    ...[...calls.matchAll(/\b(?:label|hint|heading|placeholder|title)="[^"]*\p{L}[^"]*"/gu)].map(([text]) => text),
  ];
  return found.map((text) => `${name}: ${text}`);
}

/** Files in which pages and letters are put together. */
const speaking = /(?:^|\/|-)(?:routes|views|forms?|show|address|paging|letters|answers|refusals|notices)\.ts$/;

/** Sentences where pages are put together. What is thrown is not one of them: it is looked for by its code. */
function writtenInCode({ name, source }: File): string[] {
  if (!speaking.test(name) || isApi(name)) return [];
  const lines = source.split('\n').filter((line) => !/Error\(|^ *(?:\/?\*|\/\/)/.test(line));
  const found = lines.flatMap((line) => line.match(/(['`])\p{Lu}\p{Ll}*[’']?\p{Ll}* [^'`]*\1/gu) ?? []);
  return found.map((text) => `${name}: ${text}`);
}

function refusedInEnglish({ name, source }: File, refusals: ProblemTexts[]): string[] {
  if (isApi(name)) return [];
  const codes = [...source.matchAll(/new AppError\(\s*'\w+',\s*'(\w+)'/g)].map(([, code = '']) => code);
  return codes.flatMap((code) =>
    locales
      .filter((locale) => locale !== 'en' && !refusals.some((texts) => texts[locale]?.[code]))
      .map((locale) => `${name}: ${code} is not said in ${locale}`),
  );
}

/** What programs are told, they are told in English: by an API, and by the feed of revocations. */
function isApi(name: string): boolean {
  return /(?:^|\/)(?:(?:\w+-)?api\/|feed-)/.test(name);
}

/** Keys are asked for whole, `'feature.key'`, or put together, `feature.${which}_heading` or `${which}.heading`; refusals by `…Messages.en.key`. */
function unasked(features: Application['features'], files: File[]): string[] {
  const source = files.map((file) => file.source).join('\n');
  const asked = new Set([...source.matchAll(/['"`](\w+\.\w+)['"`]/g)].map(([, key]) => key));
  const refusals = new Set([...source.matchAll(/Messages\.en\.(\w+)/g)].map(([, key]) => key));
  const shapes = [...source.matchAll(/`((?:\w|\$\{[^}`]*\})+\.(?:\w|\$\{[^}`]*\})+)`/g)].map(
    ([, shape = '']) => new RegExp(`^${shape.replaceAll('.', '\\.').replaceAll(/\$\{[^}]*\}/g, '\\w+')}$`),
  );
  return Object.entries(features).flatMap(([feature, messages]) =>
    Object.keys(messages.en).flatMap((key) => {
      const name = `${feature}.${key}`;
      const isAsked = asked.has(name) || refusals.has(key) || shapes.some((shape) => shape.test(name));
      return isAsked ? [] : [`nothing asks for ${name}`];
    }),
  );
}
