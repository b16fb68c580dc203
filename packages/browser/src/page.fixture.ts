/**
 * A page for one test: the browser's globals that Node lacks, and a site of two real servers that answer as the
 * test says. Origins are names; the page's requests reach the servers on ports of 127.0.0.1.
 */
import { onTestFinished, vi } from 'vitest';
import { createSso, type Sso, type SsoOptions, type StepReport } from './index.ts';
import { listen, type Request, type Answer as ServerAnswer } from './page-server.fixture.mjs';

export const APP = 'http://foo.app.example.localhost:4001';
export const SSO = 'http://sso.example.localhost:4000';
export const ACCOUNT = { id: 'a1', username: 'ada', displayName: 'Ada Lovelace' };
export const TOKEN = `eyJhbGciOiJFZERTQSJ9.${'c'.repeat(200)}.${'s'.repeat(86)}`;

/**
 * What a page can ask: of its app by method (`DELETE site` has the query `?scope=site`), of the SSO service
 * by `request`.
 */
type Question =
  | ('GET' | 'POST' | 'DELETE' | 'DELETE site')
  | ('login status' | 'authentication token' | 'login' | 'logout');

export interface Answer extends ServerAnswer {
  /** Settles when the answer may go out. */
  after?: Promise<unknown>;
}

const { fetch: realFetch } = globalThis;
const realNow = performance.now.bind(performance);

const signedIn = { json: { status: 'signed in', account: ACCOUNT } };
const signedOut = { json: { status: 'signed out' } };

/** A person who is signed in at the SSO service and not yet at the app. */
const USUAL: Record<Question, Answer[]> = {
  GET: [signedOut],
  'login status': [signedIn],
  'authentication token': [{ json: { token: TOKEN, expiresIn: 30 } }],
  POST: [{ status: 201, ...signedIn }],
  login: [signedIn],
  logout: [signedOut],
  DELETE: [signedOut],
  'DELETE site': [{ ...signedOut, headers: { 'sign-out-scope': 'site' } }],
};

export const refusal = (status: number, code: string, more: object = {}): Answer => ({
  status,
  json: { type: `urn:problem-type:samesite-sso:${code}`, title: 'No.', status, code, ...more },
});

export interface Page {
  sso: Sso;
  /** Every request that reached a server, in order, as a {@link Question}. */
  asked: Question[];
  requests: (Request & { origin: string })[];
  /** Every request, recorded when the page sends it. */
  sent: (Pick<RequestInit, 'method' | 'keepalive'> & { url: string })[];
  reports: StepReport[];
  /** As `step state`, without the ones that are pending. */
  steps(): string[];
  /** The person comes back to the tab, or leaves it. */
  turn(visibility: 'visible' | 'hidden'): void;
  /** The browser shows the page: anew, or as it kept it in its back/forward cache. */
  show(persisted: boolean): void;
  /** The window gets the focus, `seconds` after whatever happened last. */
  focus(seconds: number): void;
  /** The browser has found a network again. */
  connect(): void;
  /** Another tab of the same app. */
  otherTab: Sso;
}

/** @param answers in place of the usual ones; the last of each goes on for ever */
export async function openPage(
  answers: Partial<Record<Question, Answer[]>> = {},
  { opening = 'navigate', ...options }: Partial<SsoOptions> & { opening?: string } = {},
): Promise<Page> {
  const left = { ...USUAL, ...answers };
  const asked: Question[] = [];
  const requests: Page['requests'] = [];
  const sent: Page['sent'] = [];
  const serve = async (origin: string) => {
    const { url, close } = await listen(async (request) => {
      const { search } = new URL(request.url, origin);
      const asks =
        origin === APP
          ? `${request.method}${search === '?scope=site' ? ' site' : search}`
          : (JSON.parse(request.body) as { request: string }).request;
      const question = asks as Question;
      asked.push(question);
      requests.push({ origin, ...request });
      const [answer = {}, ...rest] = left[question];
      if (rest.length > 0) left[question] = rest;
      await answer.after;
      return answer;
    });
    onTestFinished(close);
    return url;
  };
  const servers = new Map([
    [APP, await serve(APP)],
    [SSO, await serve(SSO)],
  ]);

  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('location', { origin: APP });
  vi.stubGlobal('document', page);
  const frame = new EventTarget();
  let late = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => realNow() + late);
  vi.stubGlobal('addEventListener', frame.addEventListener.bind(frame));
  vi.stubGlobal('localStorage', createStorage());
  vi.spyOn(performance, 'getEntriesByType').mockReturnValue([
    { type: opening } as PerformanceNavigationTiming,
  ]);
  // Name resolution, and nothing else of fetch.
  vi.stubGlobal('fetch', (url: string, options: RequestInit) => {
    const { origin, pathname, search } = new URL(url);
    const { method, keepalive } = options;
    sent.push({ url, ...(method && { method }), ...(keepalive && { keepalive }) });
    return realFetch(`${servers.get(origin)}${pathname}${search}`, options);
  });
  onTestFinished(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  const reports: StepReport[] = [];
  return {
    sso: createSso({ ssoOrigin: SSO, onStep: (report) => reports.push(report), ...options }),
    otherTab: createSso({ ssoOrigin: SSO, ...options }),
    asked,
    requests,
    sent,
    reports,
    steps: () =>
      reports.filter(({ state }) => state !== 'pending').map(({ step, state }) => `${step} ${state}`),
    turn(visibility) {
      page.visibilityState = visibility;
      page.dispatchEvent(new Event('visibilitychange'));
    },
    focus(seconds) {
      late += seconds * 1000;
      frame.dispatchEvent(new Event('focus'));
    },
    connect: () => void frame.dispatchEvent(new Event('online')),
    show(persisted) {
      frame.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }));
    },
  };
}

/** The part of `Storage` that the package uses. */
function createStorage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}
