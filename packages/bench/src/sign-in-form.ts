/** What a browser would post from a sign-in page: the form's fields as they came, and which of them take what. */
export type SignInForm = { action: string; fields: Record<string, string>; emailField: string; passwordField: string };

/** Finds the form that asks for a password. Throws with the page's text when there is none. */
export function readSignInForm(html: string): SignInForm {
  for (const [, formTag = '', content = ''] of html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)) {
    const inputs = [...content.matchAll(/<input\b([^>]*)>/gs)].map(([, attributes = '']) => readAttributes(attributes));
    const passwordField = inputs.find(({ type }) => type === 'password')?.['name'];
    const emailField = inputs.find(({ type, name }) => type === 'email' || (type === 'text' && name === 'email'))?.[
      'name'
    ];
    if (passwordField === undefined || emailField === undefined) continue;
    const named = inputs.filter(({ name, type }) => name !== undefined && type !== 'checkbox');
    return {
      action: readAttributes(formTag)['action'] ?? '',
      fields: Object.fromEntries(named.map(({ name = '', value = '' }) => [name, value])),
      emailField,
      passwordField,
    };
  }
  throw new Error(`no form with an e-mail and a password on this page:\n${html}`);
}

function readAttributes(tag: string): Record<string, string> {
  const pairs = tag.matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g);
  return Object.fromEntries(
    [...pairs].map(([, name = '', double, single, bare]) => [
      name.toLowerCase(),
      unescape(double ?? single ?? bare ?? ''),
    ]),
  );
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replaceAll(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal) return String.fromCodePoint(Number(decimal));
      return NAMED[name ?? ''] ?? whole;
    },
  );
}
