export type Stop = { url: URL; status: number; text: string; headers: Headers };

export type Traveller = {
  /** Goes there and follows every redirect, from one application to another, as long as `until` does not hold. */
  visit(url: string | URL, until?: (next: URL) => boolean): Promise<Stop>;
  /** Sends the form of the page last seen that has these fields, filled in. */
  submit(fields: Record<string, string>, until?: (next: URL) => boolean): Promise<Stop>;
};

/** A browser without a screen that keeps cookies and follows redirects between the applications of one host. */
export function createTraveller(): Traveller {
  const cookies = new Map<string, string>();
  let last: Stop | undefined;
  return { visit: (url, until) => go(new URL(url), undefined, until), submit };

  async function go(
    url: URL,
    form?: { body: URLSearchParams; origin: string },
    until: (next: URL) => boolean = () => false,
  ): Promise<Stop> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html,*/*;q=0.8', ...(cookie && { cookie }), ...(form && { origin: form.origin }) };
    const sent = form ? { method: 'POST', body: form.body } : {};
    const response = await fetch(url, { ...sent, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    last = { url, status: response.status, text: await response.text(), headers: response.headers };
    const location = response.headers.get('location');
    const next = location === null ? undefined : new URL(location, url);
    return next && !until(next) ? go(next, undefined, until) : last;
  }

  function submit(fields: Record<string, string>, until?: (next: URL) => boolean): Promise<Stop> {
    if (!last) throw new Error('no page has been seen yet');
    const forms = [...last.text.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)];
    const form = forms.find(([whole]) => Object.keys(fields).every((name) => whole.includes(`name="${name}"`)));
    if (!form) throw new Error(`no form with ${Object.keys(fields).join(', ')} on ${last.url.href}:\n${last.text}`);
    const [, attributes = '', content = ''] = form;
    const action = /action="([^"]*)"/.exec(attributes)?.[1] ?? last.url.href;
    const csrf = /name="csrf" value="([^"]+)"/.exec(content)?.[1];
    const body = new URLSearchParams({ ...(csrf && { csrf }), ...fields });
    const url = new URL(action.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='), last.url);
    return go(url, { body, origin: last.url.origin }, until);
  }
}
