export type VisitedPage = { status: number; location: string | null; html: string };

export type Visitor = {
  get(path: string): Promise<VisitedPage>;
  /** Sends a form as the page last read would have: with its cookies and its `csrf` field. */
  submit(path: string, fields: Record<string, string>): Promise<VisitedPage>;
};

/** A browser without a screen: keeps cookies, carries `csrf` from page to form, follows no redirect by itself. */
export function createVisitor(origin: string, headers: Record<string, string> = {}): Visitor {
  const cookies = new Map<string, string>();
  let csrf = '';

  return {
    get: (path) => request(path, {}),
    submit: (path, fields) =>
      request(path, { method: 'POST', body: new URLSearchParams({ ...(csrf && { csrf }), ...fields }) }),
  };

  async function request(path: string, init: RequestInit): Promise<VisitedPage> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const response = await fetch(new URL(path, origin), {
      ...init,
      headers: { accept, ...headers, ...(cookie && { cookie }) },
      redirect: 'manual',
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    const html = await response.text();
    csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? csrf;
    return { status: response.status, location: response.headers.get('location'), html };
  }
}
