/** Which forms an app with `Referrer-Policy: no-referrer` accepts, in Firefox. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { FORMS, type FormApp, formApp } from '../../test/security/form-app.ts';
import { afterAllTests } from '../../test/support/at-end.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.fixture.ts';
import { type Firefox, startFirefox } from './browser.ts';

const atEnd = afterAllTests();
let app: FormApp;
let firefox: Firefox;

beforeAll(async () => {
  const folder = temporaryFolder(atEnd);
  app = await formApp(folder, atEnd);
  firefox = await startFirefox(join(folder, 'firefox'), []);
  atEnd(() => firefox.stop());
});

test.each(FORMS)('%s in Firefox [T-CSRF-05]', async (_how, send, expected) => {
  const context = await firefox.browser.createBrowserContext();
  const page = await context.newPage();
  await app.open(page);
  const before = app.written.length;
  await send(app, page);
  await expect.poll(() => app.written.slice(before)).toMatchObject([expected]);
  await context.close();
});
