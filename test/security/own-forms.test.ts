/**
 * Who may send a form to an app whose pages have no referrers: in a real browser, whose word `Sec-Fetch-Site`
 * is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBrowser } from '../../scripts/checks/browser.ts';
import { FORMS, type FormApp, formApp } from './form-app.ts';

const ends: (() => unknown)[] = [];
let app: FormApp;
let browser: Browser;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-forms-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  app = await formApp(folder, (end) => ends.push(end));
  const executablePath = findBrowser();
  browser = await chromium.launch({ executablePath });
  ends.push(() => browser.close());
});

afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

test.each(FORMS)('%s in Chromium', async (_how, send, expected) => {
  const page = await browser.newPage();
  await app.open(page);
  const before = app.written.length;
  await send(app, page);
  await expect.poll(() => app.written.slice(before)).toMatchObject([expected]);
  await page.context().close();
});
