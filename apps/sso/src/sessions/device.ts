/** What a browser calls itself, in words that its person recognises. */
import { BROWSER_MAP, OS_MAP, parse } from 'bowser';

/** Where the library knows no name it takes one out of the text, which is the sender's: only names it knows count. */
const BROWSERS: ReadonlySet<string> = new Set(Object.values(BROWSER_MAP));
const SYSTEMS: ReadonlySet<string> = new Set(Object.values(OS_MAP));

/** `Firefox on Linux`. */
export function describeDevice(userAgent: string): string {
  if (userAgent.trim() === '') return 'Unknown device';
  const { browser, os } = parse(userAgent);
  const browserName = BROWSERS.has(browser.name ?? '') ? browser.name : undefined;
  const system = SYSTEMS.has(os.name ?? '') ? os.name : undefined;
  if (system === undefined) return browserName ?? 'Unknown device';
  return `${browserName ?? 'Unknown browser'} on ${system}`;
}
