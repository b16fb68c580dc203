/**
 * Visits to a page in a real Chromium with a persistent profile: Playwright's own contexts are off the
 * record, where Chromium ignores `preconnect`.
 */
import { type BrowserContext, chromium } from '@playwright/test';
import { findBrowser } from '../../scripts/checks/browser.ts';

export type Way = {
  readonly name: string;
  /** The page of the second app. */
  readonly url: string;
  /** In round trips. */
  readonly goals?: Readonly<Record<'cold' | 'warm', string>>;
  /** Relay ports by host. */
  readonly relays: Readonly<Record<string, number>>;
  /** Signs a person in for the first time, at another app or at this one. */
  readonly signIn: (context: BrowserContext) => Promise<void>;
  /** Forgets that the person is signed in at the second app. */
  readonly forget: (context: BrowserContext) => Promise<void>;
};

/** Milliseconds from the navigation until the page says that the person is signed in. */
export type Visits = {
  readonly cold: number;
  /** Signed in at the app already: what the same page takes without signing in. */
  readonly coldSignedIn: number;
  readonly warm: number;
  readonly warmSignedIn: number;
};

/** @param profile the folder of a browser in which the person has signed in at another app */
export async function visit(way: Way, profile: string): Promise<Visits> {
  const first = await openBrowser(way, profile);
  await way.forget(first);
  await clearCache(first);
  const cold = await timeVisit(first, way.url);
  await way.forget(first);
  const warm = await timeVisit(first, way.url);
  const warmSignedIn = await timeVisit(first, way.url);
  await first.close();

  const second = await openBrowser(way, profile);
  await clearCache(second);
  const coldSignedIn = await timeVisit(second, way.url);
  await second.close();
  return { cold, coldSignedIn, warm, warmSignedIn };
}

export async function openBrowser({ relays }: Way, profile: string): Promise<BrowserContext> {
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
  await context.addInitScript(noteSignIn);
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
  const session = await context.newCDPSession(context.pages()[0] ?? (await context.newPage()));
  await session.send('Network.clearBrowserCache');
  await session.detach();
}

/** Runs in each page before its scripts. Every page has a button "Sign out" once the person is signed in. */
function noteSignIn(): void {
  const note = () => {
    const isSignedIn = [...document.querySelectorAll('button')].some((button) =>
      button.textContent?.includes('Sign out'),
    );
    if (!isSignedIn || Reflect.has(window, 'signedInAtMs')) return;
    Reflect.set(window, 'signedInAtMs', performance.now());
  };
  new MutationObserver(note).observe(document, { childList: true, subtree: true });
}
