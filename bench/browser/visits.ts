/**
 * Visits to a page in a real Chromium with a persistent profile: Playwright's own contexts are off the
 * record, where Chromium ignores `preconnect`.
 */
import { type BrowserContext, type CDPSession, chromium } from '@playwright/test';
import { findBrowser } from '../../scripts/checks/browser.ts';

export type SignInMethod = {
  readonly name: string;
  /** The page of the second app. */
  readonly url: string;
  /** In round trips. */
  readonly goals?: Readonly<Record<'cold' | 'warm', string>>;
  /** Relay ports by host. */
  readonly relays: Readonly<Record<string, number>>;
  /** Signs a person in for the first time, at another app or at this one. */
  readonly signIn: (context: BrowserContext) => Promise<void>;
  /** Leaves the browser as if the session at the second app had expired. */
  readonly forget: (context: BrowserContext) => Promise<void>;
};

/** Milliseconds from the navigation until the page says that the person is signed in. */
export type Visits = {
  readonly coldMs: number;
  readonly warmMs: number;
  /** The same visits when the person is already signed in at the app. */
  readonly coldSignedInMs: number;
  readonly warmSignedInMs: number;
};

/** @param profile the folder of a browser in which the person has signed in at another app */
export async function visit(method: SignInMethod, profile: string): Promise<Visits> {
  const first = await openBrowser(method, profile);
  await method.forget(first);
  await clearCache(first);
  const coldMs = await timeVisit(first, method.url);
  await method.forget(first);
  const warmMs = await timeVisit(first, method.url);
  const warmSignedInMs = await timeVisit(first, method.url);
  await first.close();

  const second = await openBrowser(method, profile);
  await clearCache(second);
  const coldSignedInMs = await timeVisit(second, method.url);
  await second.close();
  return { coldMs, warmMs, coldSignedInMs, warmSignedInMs };
}

export async function openBrowser({ relays }: SignInMethod, profile: string): Promise<BrowserContext> {
  const rules = Object.entries(relays).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`);
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findBrowser(),
    args: [
      `--host-resolver-rules=${rules.join(',')}`,
      '--disable-background-networking',
      '--no-first-run',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // Chromium's sandbox doesn't work for root.
    ],
  });
  await context.addInitScript(recordSignIn);
  return context;
}

async function timeVisit(context: BrowserContext, url: string): Promise<number> {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(url, { waitUntil: 'commit' });
  const found = await page.waitForFunction(() => Reflect.get(window, 'signedInAtMs') as number | undefined);
  const milliseconds = await found.jsonValue();
  await page.waitForLoadState();
  return milliseconds ?? Number.NaN;
}

async function clearCache(context: BrowserContext): Promise<void> {
  const session = await openDevTools(context);
  await session.send('Network.clearBrowserCache');
  await session.detach();
}

export async function clearLocalStorage(context: BrowserContext, origin: string): Promise<void> {
  const session = await openDevTools(context);
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'local_storage' });
  await session.detach();
}

async function openDevTools(context: BrowserContext): Promise<CDPSession> {
  return await context.newCDPSession(context.pages()[0] ?? (await context.newPage()));
}

/** Runs in each page before its scripts. Every page has a button "Sign out" once the person is signed in. */
function recordSignIn(): void {
  const record = () => {
    const isSignedIn = [...document.querySelectorAll('button')].some((button) =>
      button.textContent?.includes('Sign out'),
    );
    if (!isSignedIn || Reflect.has(window, 'signedInAtMs')) return;
    Reflect.set(window, 'signedInAtMs', performance.now());
  };
  new MutationObserver(record).observe(document, { childList: true, subtree: true });
}
