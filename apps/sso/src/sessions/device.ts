/** Describes a browser so that people recognize their sessions. */
import { BROWSER_MAP, OS_MAP, parse } from 'bowser';

/** Bowser takes unknown names from the header, which the sender controls: show known names only. */
const BROWSERS: ReadonlySet<string> = new Set(Object.values(BROWSER_MAP));
const SYSTEMS: ReadonlySet<string> = new Set(Object.values(OS_MAP));

/** @returns for example `Firefox on Linux` */
export function describeDevice(userAgent: string): string {
  if (userAgent.trim() === '') return 'Unknown device';
  const { browser, os } = parse(userAgent);
  const browserName = BROWSERS.has(browser.name ?? '') ? browser.name : undefined;
  const system = SYSTEMS.has(os.name ?? '') ? os.name : undefined;
  if (system === undefined) return browserName ?? 'Unknown device';
  return `${browserName ?? 'Unknown browser'} on ${system}`;
}
