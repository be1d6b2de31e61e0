/**
 * Whether a relying application keeps to revocations: a canary signs in there as anybody would, is banned, and the
 * time is taken for which the application goes on accepting it. Knows nothing of the application but its address.
 */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createBrowser, type Browser, type Page } from './browser.ts';
import { formsIn, linksIn, passwordForm, titleOf, type Form } from './pages.ts';
import { watch, type Probe, type Watched } from './watch.ts';

export type Canary = { email: string; name: string; password: string };
/** A public client for the doctor's own token. */
export type OwnClient = { id: string; redirectUri: string; resource: string };
export type Patient = {
  app: URL;
  /** A page that only who is signed in gets to see, or that names the person. */
  page: URL;
  /** Where the sign-in begins; found on the page where it is not given. */
  signIn?: URL;
  /** A resource that takes a bearer token by GET. */
  api?: URL;
};
export type Finding = { what: 'page' | 'api'; url: string } & Watched;

/** The patient could not be examined, in words for the operator. */
export class NotExaminable extends Error {
  override readonly name = 'NotExaminable';
}

type Given = {
  patient: Patient;
  canary: Canary;
  withinMs: number;
  /** Makes a client known to every node; called only when an API is to be examined. */
  ownClient: () => Promise<OwnClient>;
  /** Resolves when the ban is acknowledged. */
  ban: () => Promise<void>;
  say: (step: string) => void;
};

/** Throws NotExaminable when the canary did not get in. */
export async function examine({ patient, canary, withinMs, ownClient, ban, say }: Given): Promise<Finding[]> {
  const browser = createBrowser();
  const provider = await signIn(browser, patient, canary);
  say(`signed in at ${patient.app.href} through ${provider.origin}`);

  const probes: { what: Finding['what']; url: string; probe: Probe }[] = [
    { what: 'page', ...(await pageProbe(browser, patient, canary)) },
  ];
  say(`${probes[0]?.url} knows the canary`);
  if (patient.api) {
    const token = await tokenOf(browser, provider, await ownClient());
    probes.push({ what: 'api', url: patient.api.href, probe: await apiProbe(patient.api, token) });
    say(`${patient.api.href} accepts the canary's token`);
  }

  const acted = ban().then(() => {
    say('the canary is banned');
    return performance.now();
  });
  const watched = await Promise.all(probes.map(({ probe }) => watch(probe, { acted, withinMs })));
  return probes.flatMap(({ what, url }, i) => (watched[i] ? [{ what, url, ...watched[i] }] : []));
}

/** By links and forms, as a person goes. Answers the address at which the password was asked for. */
async function signIn(browser: Browser, patient: Patient, canary: Canary): Promise<URL> {
  let page = await browser.open(patient.signIn ?? patient.page);
  let form = passwordForm(page.html);
  if (!form) {
    page = await browser.open(new URL(signInLink(page) ?? '/sign-in', page.url));
    form = passwordForm(page.html);
  }
  if (!form)
    throw new NotExaminable(
      `No sign-in page at ${page.url.href} (${page.status} ${titleOf(page.html)}). Say --sign-in.`,
    );
  const provider = page.url;
  const answer = await finish(browser, await browser.submit(page, form, filledIn(form, canary)));
  if (passwordForm(answer.html) || answer.url.origin === provider.origin || answer.status >= 400)
    throw new NotExaminable(`The sign-in ended at ${answer.url.href} (${answer.status} ${titleOf(answer.html)}).`);
  return provider;
}

function signInLink({ html, url }: Page): string | undefined {
  const links = linksIn(html).filter(({ href }) => !/silent|prompt=none/.test(href));
  const found =
    links.find(({ text }) => /\b(?:sign|log)[ -]?in\b/i.test(text)) ??
    links.find(({ href }) => /sign-?in|log-?in/i.test(href));
  return found && new URL(found.href, url).href;
}

function filledIn({ fields }: Form, { email, password }: Canary): Record<string, string> {
  const name =
    fields.find(({ type }) => type === 'email') ??
    fields.find((field) => field.type === 'text' && /user|mail|login/i.test(field.name));
  const secret = fields.find(({ type }) => type === 'password');
  return { ...(name ? { [name.name]: email } : {}), ...(secret ? { [secret.name]: password } : {}) };
}

/** `response_mode=form_post`: the browser's part that a script would do. */
async function finish(browser: Browser, page: Page): Promise<Page> {
  const answer = formsIn(page.html).find(({ fields }) => fields.some(({ name }) => name === 'code'));
  return answer ? browser.submit(page, answer) : page;
}

/** The session as it is now, replayed: what the application sets afterwards does not count. */
async function pageProbe(browser: Browser, { page: address }: Patient, canary: Canary) {
  const { url, status, html } = await browser.open(address);
  if (status >= 300)
    throw new NotExaminable(
      `${url.href} answered ${status} to the canary that is signed in. Say --path, or give it --role.`,
    );
  const headers = { accept: 'text/html,*/*;q=0.8', cookie: browser.cookiesFor(url) };
  const named = namesCanary(html, canary);
  const stranger = await fetch(url, { redirect: 'manual', headers: { accept: headers.accept } });
  if (!named && stranger.ok)
    throw new NotExaminable(`${url.href} looks the same to a stranger. Say --path with a page that needs a session.`);
  const probe = probeOf(url, headers, (body) => !named || namesCanary(body, canary));
  if ((await probe()) !== 'accepted')
    throw new NotExaminable(`${url.href} does not know the canary when it is asked again.`);
  return { url: url.href, probe };
}

async function apiProbe(url: URL, token: string): Promise<Probe> {
  const probe = probeOf(url, { accept: 'application/json', authorization: `Bearer ${token}` });
  const before = await probe();
  if (before !== 'accepted')
    throw new NotExaminable(`${url.href} answered ${before} to the canary's token before the ban.`);
  return probe;
}

function probeOf(url: URL, headers: Record<string, string>, accepts: (body: string) => boolean = () => true): Probe {
  return async () => {
    try {
      const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(5000) });
      const body = await response.text();
      if (response.ok && accepts(body)) return 'accepted';
      return response.ok ? `${response.status} without the canary` : String(response.status);
    } catch (error) {
      return `no answer (${error instanceof Error ? error.message : String(error)})`;
    }
  };
}

/** With the provider's session that the sign-in left; code flow with PKCE. A new client may take a second to be known everywhere. */
async function tokenOf(browser: Browser, provider: URL, client: OwnClient): Promise<string> {
  const metadata = await fetch(new URL('/.well-known/openid-configuration', provider));
  const endpoints = (await metadata.json()) as { authorization_endpoint: string; token_endpoint: string };
  const until = performance.now() + clientKnownWithinMs;
  for (;;) {
    const answer = await requestToken(browser, endpoints, client);
    if ('token' in answer) return answer.token;
    if (performance.now() > until) throw new NotExaminable(`No token for the API: ${answer.refusal}.`);
    await delay(250);
  }
}

const clientKnownWithinMs = 5000;

async function requestToken(
  browser: Browser,
  endpoints: { authorization_endpoint: string; token_endpoint: string },
  { id, redirectUri, resource }: OwnClient,
): Promise<{ token: string } | { refusal: string }> {
  const verifier = randomBytes(32).toString('base64url');
  const request = new URL(endpoints.authorization_endpoint);
  request.search = new URLSearchParams({
    client_id: id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid family',
    resource,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const { url, status, html } = await browser.open(request, { until: redirectUri });
  const code = url.searchParams.get('code');
  if (!code) return { refusal: url.searchParams.get('error') ?? `${status} ${titleOf(html)}` };
  const given = { grant_type: 'authorization_code', client_id: id, code, redirect_uri: redirectUri };
  const response = await fetch(endpoints.token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({ ...given, code_verifier: verifier }),
  });
  const { access_token: token, error } = (await response.json()) as { access_token?: string; error?: string };
  return token === undefined ? { refusal: error ?? String(response.status) } : { token };
}

function namesCanary(html: string, { email, name }: Canary): boolean {
  return html.includes(name) || html.includes(email);
}
