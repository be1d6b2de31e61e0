import { availableParallelism } from 'node:os';
import type { Browser } from './browser.ts';
import { accountCount, emailOf } from './contestants.ts';
import type { createJourneys } from './journeys.ts';
import type { SignInForm } from './sign-in-form.ts';

type Journeys = ReturnType<typeof createJourneys>;
type Setting = { journeys: Journeys; newBrowser: () => Browser; concurrency: number; seconds: number };

/** One operation of one worker. `false`: what was prepared is used up, the window ends here. */
type Operation = (worker: number) => Promise<boolean | void>;
/** A load beside the measured one; every operation answers with a label, and the labels are counted. */
type Background = { concurrency: number; operation: (worker: number) => Promise<string> };
/** `renew`, between windows: prepares anew what was used up. */
export type Prepared = { operation: Operation; background?: Background; renew?: () => Promise<void> };

export const scenarioNames = ['sso', 'refresh', 'client_credentials', 'signin', 'password', 'flood'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** How many sessions or token families each worker goes round in. */
const LANES = 8;
const FLOODERS = 64;
/** More than a core can hash in a second. */
const FORMS_PER_CORE = 60;

export const scenarios: Record<ScenarioName, (setting: Setting) => Promise<Prepared>> = {
  sso,
  refresh,
  client_credentials: clientCredentials,
  signin,
  password: passwordOnly,
  flood,
};

/** Somebody signed in elsewhere comes to an application: authorization by session cookie, then the code exchange. */
async function sso({ journeys, newBrowser, concurrency }: Setting): Promise<Prepared> {
  const browsers = await signedIn(journeys, newBrowser, concurrency * LANES);
  const next = lanes(browsers.map(({ browser }) => browser));
  return {
    async operation(worker) {
      await journeys.hop(next(worker));
    },
  };
}

async function refresh({ journeys, newBrowser, concurrency }: Setting): Promise<Prepared> {
  const families = await signedIn(journeys, newBrowser, concurrency * LANES);
  const next = lanes(families);
  return {
    async operation(worker) {
      const family = next(worker);
      family.token = refreshTokenOf(await journeys.refresh(family.token));
    },
  };
}

function clientCredentials({ journeys }: Setting): Promise<Prepared> {
  return Promise.resolve({
    async operation() {
      await journeys.clientCredentials();
    },
  });
}

/** The whole way: a browser without cookies, the page, the password, the code, the tokens. */
function signin({ journeys, newBrowser }: Setting): Promise<Prepared> {
  let person = 0;
  return Promise.resolve({
    async operation() {
      await journeys.signIn(newBrowser(), emailOf(person++ % accountCount));
    },
  });
}

/**
 * The right password of somebody who has signed in with this browser before, posted from a page opened before the window:
 * the hash and whatever the server adds to it.
 */
async function passwordOnly({ journeys, newBrowser, seconds }: Setting): Promise<Prepared> {
  const people = await inParallel(
    emails(Math.ceil(seconds * availableParallelism() * FORMS_PER_CORE)),
    async (email) => {
      const browser = newBrowser();
      await journeys.signIn(browser, email);
      return { browser, email };
    },
  );
  const waiting: ((typeof people)[number] & { form: SignInForm })[] = [];
  await renew();
  return { operation, renew };

  async function operation(): Promise<boolean> {
    const one = waiting.pop();
    if (!one) return false;
    await journeys.postRightPassword(one.browser, one.form, one.email);
    people.push(one);
    return true;
  }

  async function renew(): Promise<void> {
    const opened = await inParallel(people.splice(0), async (person) => {
      person.browser.reopen();
      return { ...person, form: (await journeys.openSignIn(person.browser)).form };
    });
    waiting.push(...opened);
  }
}

/**
 * Somebody else's clients ask for tokens while strangers post passwords for accounts that do not exist, each from its
 * own address, as fast as they are answered: the work no throttle per account or address can spare the server.
 */
async function flood(setting: Setting): Promise<Prepared> {
  const { journeys, newBrowser } = setting;
  const strangers = await inParallel([...Array(FLOODERS).keys()], async () => {
    const browser = newBrowser();
    return { browser, form: (await journeys.openSignIn(browser)).form };
  });
  const measured = await clientCredentials(setting);
  let guesses = 0;
  const nextStranger = lanes(strangers, 1);
  return {
    ...measured,
    background: {
      concurrency: FLOODERS,
      async operation(worker) {
        const { browser, form } = nextStranger(worker);
        browser.changeAddress();
        const answer = await journeys.postPassword(browser, form, `stranger-${guesses++}@example.com`, 'a wrong guess');
        const foreseen = [200, 303, 401, 403, 422, 429, 503].includes(answer.status);
        if (!foreseen) throw new Error(`a wrong answer to a wrong password: ${answer.status}\n${answer.body}`);
        return String(answer.status);
      },
    },
  };
}

function signedIn(journeys: Journeys, newBrowser: () => Browser, count: number) {
  return inParallel(emails(count), async (email) => {
    const browser = newBrowser();
    return { browser, token: refreshTokenOf(await journeys.signIn(browser, email)) };
  });
}

function refreshTokenOf({ refresh_token }: { refresh_token?: string }): string {
  if (!refresh_token) throw new Error('no refresh token');
  return refresh_token;
}

/** Deals `perWorker` of the things to each worker and goes round in them: no two workers hold the same one. */
function lanes<T>(things: T[], perWorker = LANES): (worker: number) => T {
  const turns = new Map<number, number>();
  return (worker) => {
    const turn = turns.get(worker) ?? 0;
    turns.set(worker, turn + 1);
    const thing = things[worker * perWorker + (turn % perWorker)];
    if (thing === undefined) throw new Error(`nothing prepared for worker ${worker}`);
    return thing;
  };
}

/** Preparation runs a few at a time, so that no server's queue sheds it. */
async function inParallel<Thing, Made>(things: Thing[], make: (thing: Thing) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = [];
  const waiting = things.values();
  const worker = async (): Promise<void> => {
    for (const thing of waiting) made.push(await make(thing));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return made;
}

function emails(count: number): string[] {
  return Array.from({ length: count }, (_, index) => emailOf(index));
}
