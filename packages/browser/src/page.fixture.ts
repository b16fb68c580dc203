/**
 * A page for one test: the browser globals that Node lacks, and two real servers whose responses the test
 * sets. Requests to the two origins reach the servers on ports of 127.0.0.1.
 */
import { onTestFinished, vi } from 'vitest';
import { createSso, type SsoOptions, type StepReport } from './index.ts';
import { type Request, type ServerResponse, serve } from './page-server.fixture.mjs';

export const APP = 'http://foo.app.example.localhost:4001';
export const SSO = 'http://sso.example.localhost:4000';
export const ADA = { id: 'a1', username: 'ada', displayName: 'Ada Lovelace' };
export const GRACE = { id: 'g1', username: 'grace', displayName: 'Grace Hopper' };
export const PASSWORD = 'correct horse battery staple';
export const TOKEN = `eyJhbGciOiJFZERTQSJ9.${'c'.repeat(200)}.${'s'.repeat(86)}`;

/**
 * The requests of a page: those to its app by method (`DELETE site` has the query `?scope=site`), those to
 * the SSO service by their member `request`.
 */
type RequestName =
  | ('GET' | 'POST' | 'DELETE' | 'DELETE site')
  | ('login status' | 'authentication token' | 'login' | 'logout')
  | ('passkey challenge' | 'passkey login');

export interface FakeResponse extends ServerResponse {
  /** The server responds once this settles. */
  after?: Promise<unknown>;
}

export type FakeResponses = Partial<Record<RequestName, FakeResponse[]>>;

/** The outcomes, and below them the responses, of the two usual states. */
export const signedIn = { status: 'signed-in', account: ADA };
export const signedOut = { status: 'signed-out' };
export const sessionOf = (account: object, seconds: number | string = 1800): FakeResponse => ({
  headers: { 'Session-Max-Age': String(seconds) },
  json: { status: 'signed in', account },
});
export const session = sessionOf(ADA);
export const noSession: FakeResponse = { json: { status: 'signed out' } };
export const noResponse: FakeResponse = { hangUp: true };

export const challengeOf = (challenge: string, timeout = 300_000): FakeResponse => ({
  json: {
    publicKey: {
      ...{ challenge, rpId: 'example.localhost', timeout },
      ...{ userVerification: 'required', allowCredentials: [] },
    },
  },
});

const { fetch: realFetch } = globalThis;
const realNow = performance.now.bind(performance);

/** Ada has an SSO session, and no app session yet. */
const DEFAULT_RESPONSES: Required<FakeResponses> = {
  GET: [noSession],
  'login status': [session],
  'authentication token': [{ json: { token: TOKEN, expiresIn: 30 } }],
  POST: [{ status: 201, ...session }],
  login: [session],
  'passkey challenge': [challengeOf('Y2hhbGxlbmdl')],
  'passkey login': [session],
  logout: [noSession],
  DELETE: [noSession],
  'DELETE site': [{ ...noSession, headers: { 'sign-out-scope': 'site' } }],
};

export const refusal = (status: number, code: string, more: object = {}): FakeResponse => ({
  status,
  json: { type: `urn:problem-type:samesite-sso:${code}`, title: 'No.', status, code, ...more },
});

interface PageOptions extends Partial<SsoOptions> {
  navigation?: string;
  /** Whether an app session probably lasts. By default, the first response to step 1 decides. */
  wasSignedIn?: boolean;
}

/** @param responses replace the default ones; the last response to a request is repeated */
export async function openPage(
  responses: FakeResponses = {},
  { navigation = 'navigate', wasSignedIn = startsSignedIn(responses), ...options }: PageOptions = {},
) {
  const remaining = { ...DEFAULT_RESPONSES, ...responses };
  const sent: RequestName[] = [];
  const requests: (Request & { origin: string })[] = [];
  const fetched: (Pick<RequestInit, 'method' | 'keepalive'> & { url: string })[] = [];
  const serveOrigin = async (origin: string) => {
    const { url } = await serve(async (request) => {
      requests.push({ origin, ...request });
      const name = nameOf(new URL(request.url, origin), request);
      const [response = {}, ...rest] = remaining[name];
      if (rest.length > 0) remaining[name] = rest;
      await response.after;
      return response;
    });
    return url;
  };
  const servers = new Map([
    [APP, await serveOrigin(APP)],
    [SSO, await serveOrigin(SSO)],
  ]);

  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('location', { origin: APP });
  vi.stubGlobal('document', page);
  const window = new EventTarget();
  let addedMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => realNow() + addedMs);
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
  vi.stubGlobal('localStorage', createStorage());
  if (wasSignedIn) localStorage.setItem('samesite-sso:signed-in', String(Date.now() + 3600_000));
  vi.spyOn(performance, 'getEntriesByType').mockReturnValue([
    { type: navigation } as PerformanceNavigationTiming,
  ]);
  // Replaces only the name resolution of `fetch`.
  vi.stubGlobal('fetch', (url: string, options: RequestInit) => {
    const { origin, pathname, search } = new URL(url);
    const { method, keepalive } = options;
    sent.push(nameOf(new URL(url), options));
    fetched.push({ url, ...(method && { method }), ...(keepalive && { keepalive }) });
    return realFetch(`${servers.get(origin)}${pathname}${search}`, options);
  });
  onTestFinished(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  const reports: StepReport[] = [];
  return {
    sso: createSso({ ssoOrigin: SSO, onStep: (report) => reports.push(report), ...options }),
    /** Another tab of the same app. */
    otherTab: createSso({ ssoOrigin: SSO, ...options }),
    /** The requests, in the order in which the page sent them. */
    sent,
    /** The same requests as the servers received them, and as the page passed them to `fetch`. */
    requests,
    fetched,
    reports,
    /** The last reports as `step state`, in the order of the first ones: two steps may run at once. */
    steps: () => {
      const states = new Map(reports.map(({ step, state }) => [step, state]));
      return [...states].map(([step, state]) => `${step} ${state}`);
    },
    /** The person returns to the tab, or leaves it. */
    setVisibility(visibility: 'visible' | 'hidden') {
      page.visibilityState = visibility;
      page.dispatchEvent(new Event('visibilitychange'));
    },
    /** The window gets the focus, `seconds` after the last event. */
    focus(seconds: number) {
      addedMs += seconds * 1000;
      window.dispatchEvent(new Event('focus'));
    },
    /** The browser is online again. */
    goOnline: () => void window.dispatchEvent(new Event('online')),
    /** The browser shows the page; `persisted` if it comes out of the back/forward cache. */
    show(persisted: boolean) {
      window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }));
    },
  };
}

function nameOf(
  { origin, search }: URL,
  { method, body }: Pick<RequestInit, 'method' | 'body'>,
): RequestName {
  const name =
    origin === APP
      ? `${method}${search === '?scope=site' ? ' site' : search}`
      : (JSON.parse(String(body)) as { request: string }).request;
  return name as RequestName;
}

function startsSignedIn({ GET: [first] = [] }: FakeResponses): boolean {
  return (first?.json as { status?: unknown } | undefined)?.status === 'signed in';
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
