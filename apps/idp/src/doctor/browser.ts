/** A browser without a screen: keeps cookies, follows redirects, posts forms. */
import type { Form } from './pages.ts';

export type Page = { url: URL; status: number; html: string };
export type Browser = ReturnType<typeof createBrowser>;

const maxRedirects = 20;
const patienceMs = 10_000;

export function createBrowser() {
  /** By host, for cookies do not know ports; the path they are for beside the value. */
  const jar = new Map<string, Map<string, { value: string; path: string }>>();
  return { open, submit, cookiesFor };

  /** Follows redirects to the end, or to the first that leads to an address beginning with `until`. */
  async function open(
    address: string | URL,
    { until, ...init }: { until?: string; method?: string; body?: URLSearchParams } = {},
  ): Promise<Page> {
    let url = new URL(address);
    let request = init;
    for (let i = 0; i < maxRedirects; i += 1) {
      const response = await fetch(url, {
        ...request,
        redirect: 'manual',
        headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', cookie: cookiesFor(url) },
        signal: AbortSignal.timeout(patienceMs),
      });
      keep(url, response.headers.getSetCookie());
      const html = await response.text();
      const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
      if (location === null) return { url, status: response.status, html };
      // 307 and 308 repeat the request as it was; the others are followed by a GET.
      if (response.status < 307) request = {};
      url = new URL(location, url);
      if (until !== undefined && url.href.startsWith(until)) return { url, status: response.status, html };
    }
    throw new Error(`more than ${maxRedirects} redirects, the last to ${url.href}`);
  }

  /** The form as it came, but for what is given here. */
  function submit(page: Page, { action, method, fields }: Form, filled: Record<string, string> = {}): Promise<Page> {
    const sent = fields.filter(({ type, name }) => name in filled || !['checkbox', 'radio', 'submit'].includes(type));
    const body = new URLSearchParams(sent.map(({ name, value }) => [name, filled[name] ?? value]));
    const target = new URL(action || page.url, page.url);
    if (method === 'post') return open(target, { method: 'POST', body });
    target.search = body.toString();
    return open(target);
  }

  /** The header for a request there. */
  function cookiesFor({ hostname, pathname }: URL): string {
    return [...(jar.get(hostname) ?? [])]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  }

  function keep({ hostname, pathname }: URL, lines: string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(/;\s*/);
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const attribute = (wanted: string): string | undefined =>
        attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
      const host = attribute('domain')?.replace(/^\./, '').toLowerCase() ?? hostname;
      if (hostname !== host && !hostname.endsWith(`.${host}`)) continue;
      const cookies = jar.get(hostname) ?? new Map<string, { value: string; path: string }>();
      jar.set(hostname, cookies);
      const expires = attribute('expires');
      const gone =
        Number(attribute('max-age') ?? 1) <= 0 || (expires !== undefined && Date.parse(expires) <= Date.now());
      if (gone || value === '') cookies.delete(name);
      else cookies.set(name, { value, path: attribute('path') ?? defaultPath(pathname) });
    }
  }
}

/** RFC 6265 section 5.1.4. */
function defaultPath(pathname: string): string {
  const end = pathname.lastIndexOf('/');
  return end > 0 ? pathname.slice(0, end) : '/';
}
