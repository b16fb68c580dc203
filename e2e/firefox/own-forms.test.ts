/** Who may send a form to an app whose pages have no referrers, in Firefox. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FORMS, type FormApp, formApp } from '../../test/security/form-app.ts';
import { type Firefox, startFirefox } from './browser.ts';

const ends: (() => unknown)[] = [];
let app: FormApp;
let firefox: Firefox;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-forms-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  app = await formApp(folder, (end) => ends.push(end));
  firefox = await startFirefox(join(folder, 'firefox'), []);
  ends.push(() => firefox.stop());
});

afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

test.each(FORMS)('%s in Firefox', async (_how, send, expected) => {
  const context = await firefox.browser.createBrowserContext();
  const page = await context.newPage();
  await app.open(page);
  const before = app.written.length;
  await send(app, page);
  await expect.poll(() => app.written.slice(before)).toMatchObject([expected]);
  await context.close();
});
