/** What a person would see to act on in a page: forms and links. No HTML parser: enough for pages that work without scripts. */

export type Field = { name: string; type: string; value: string };
export type Form = { action: string; method: string; fields: Field[] };
export type Link = { href: string; text: string };

export function formsIn(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)].map(([, tag = '', content = '']) => {
    const { action = '', method = 'get' } = attributesOf(tag);
    const inputs = [...content.matchAll(/<input\b([^>]*)>/gis)].map(([, input = '']) => attributesOf(input));
    const fields = inputs.flatMap(({ name, type = 'text', value = '' }) => (name ? [{ name, type, value }] : []));
    return { action, method: method.toLowerCase(), fields };
  });
}

export function linksIn(html: string): Link[] {
  return [...html.matchAll(/<a\b([^>]*)>(.*?)<\/a>/gis)].flatMap(([, tag = '', content = '']) => {
    const { href } = attributesOf(tag);
    return href === undefined ? [] : [{ href, text: textOf(content) }];
  });
}

export function titleOf(html: string): string {
  return textOf(/<h1\b[^>]*>(.*?)<\/h1>/is.exec(html)?.[1] ?? /<title>(.*?)<\/title>/is.exec(html)?.[1] ?? '');
}

/** The form that asks for a password. */
export function passwordForm(html: string): Form | undefined {
  return formsIn(html).find(({ fields }) => fields.some(({ type }) => type === 'password'));
}

function textOf(html: string): string {
  return decode(html.replaceAll(/<[^>]*>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function attributesOf(tag: string): Record<string, string> {
  const pairs = tag.matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g);
  return Object.fromEntries(
    [...pairs].map(([, name = '', double, single, bare]) => [
      name.toLowerCase(),
      decode(double ?? single ?? bare ?? ''),
    ]),
  );
}

const named: Record<string, string> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replaceAll(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal) return String.fromCodePoint(Number(decimal));
      return named[name ?? ''] ?? whole;
    },
  );
}
