import type { Pool } from 'undici';

export type Answer = { status: number; location: URL | null; body: string };
type Cookie = { name: string; value: string; path: string; outlivesBrowser: boolean };

/** As much of a browser as a sign-in needs: cookies with their paths, and no redirect followed unasked. */
export type Browser = ReturnType<typeof createBrowser>;

/** Every browser says it comes from an address of its own, so no limit on one address stands in the way. */
export function createBrowser(pool: Pool, origin: string) {
  const cookies = new Map<string, Cookie>();
  let address = randomAddress();
  return {
    request,
    reopen,
    changeAddress: () => void (address = randomAddress()),
  };

  /** GET, or POST when there is a form to send. */
  async function request(target: string | URL, form?: Record<string, string>): Promise<Answer> {
    const url = new URL(target, origin);
    const cookie = cookieHeader(url.pathname);
    const { statusCode, headers, body } = await pool.request({
      path: url.pathname + url.search,
      method: form ? 'POST' : 'GET',
      headers: {
        accept: 'text/html',
        'x-forwarded-for': address,
        ...(cookie && { cookie }),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded', origin }),
      },
      body: form ? new URLSearchParams(form).toString() : null,
    });
    for (const line of [headers['set-cookie'] ?? []].flat()) keep(line);
    const { location } = headers;
    return {
      status: statusCode,
      location: typeof location === 'string' ? new URL(location, url) : null,
      body: await body.text(),
    };
  }

  /** Closed and opened again: what lasts as long as the browser is gone. */
  function reopen(): void {
    for (const [key, { outlivesBrowser }] of cookies) if (!outlivesBrowser) cookies.delete(key);
  }

  function cookieHeader(path: string): string {
    return [...cookies.values()]
      .filter((cookie) => path.startsWith(cookie.path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(name.length + 1);
    const attribute = (wanted: string): string | undefined =>
      attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const path = attribute('path') ?? '/';
    const expires = attribute('expires');
    const outlivesBrowser = expires !== undefined || attribute('max-age') !== undefined;
    const gone = value === '' || (expires !== undefined && Date.parse(expires) < Date.now());
    if (gone) cookies.delete(`${name} ${path}`);
    else cookies.set(`${name} ${path}`, { name, value, path, outlivesBrowser });
  }
}

function randomAddress(): string {
  const part = (): number => 1 + Math.floor(Math.random() * 254);
  return `10.${part()}.${part()}.${part()}`;
}
