/**
 * Which forms an app with `Referrer-Policy: no-referrer` accepts, in a real browser, which sets
 * `Sec-Fetch-Site`.
 */
import { type Browser, chromium } from '@playwright/test';
import { beforeAll, expect, test } from 'vitest';
import { findBrowser } from '../../scripts/checks/browser.ts';
import { afterAllTests } from '../support/at-end.ts';
import { temporaryFolder } from '../support/temporary-folder.fixture.ts';
import { FORMS, type FormApp, formApp } from './form-app.ts';

const atEnd = afterAllTests();
let app: FormApp;
let browser: Browser;

beforeAll(async () => {
  app = await formApp(temporaryFolder(atEnd), atEnd);
  const executablePath = findBrowser();
  browser = await chromium.launch({ executablePath });
  atEnd(() => browser.close());
});

test.each(FORMS)('%s in Chromium [T-CSRF-05]', async (_how, send, expected) => {
  const page = await browser.newPage();
  await app.open(page);
  const before = app.written.length;
  await send(app, page);
  await expect.poll(() => app.written.slice(before)).toMatchObject([expected]);
  await page.context().close();
});
