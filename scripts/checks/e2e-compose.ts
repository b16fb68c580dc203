/**
 * `pnpm test:compose`: the demo in containers, the demo with several instances, and the SSO service in
 * production. Arguments choose among `demo`, `scaled` and `production`.
 */
import { type BrowserContext, chromium } from '@playwright/test';
import { findBrowser } from './browser.ts';
import { checkDemo } from './containers/demo.ts';
import { checkProduction } from './containers/production.ts';
import { checkScaled } from './containers/scaled.ts';

const checks = {
  demo: () => checkDemo(visit),
  scaled: () => checkScaled(visit),
  production: checkProduction,
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(checks, name));
if (unknown.length > 0) throw new Error(`There is no check ${unknown.join(', ')}`);

try {
  for (const [name, check] of Object.entries(checks)) {
    if (chosen.length === 0 || chosen.includes(name)) await check();
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

/** Opens a browser for one person. */
async function visit(story: (context: BrowserContext) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: findBrowser() });
  try {
    await story(await browser.newContext());
  } finally {
    await browser.close();
  }
}
