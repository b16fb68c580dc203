/** Which forms an app with `Referrer-Policy: no-referrer` accepts, in Firefox. */
import { beforeAll, expect } from 'vitest';
import { FORMS, type FormApp, formApp } from '../../test/security/form-app.ts';
import { afterAllTests } from '../../test/support/at-end.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.fixture.ts';
import { stories } from './test.ts';

const atEnd = afterAllTests();
let app: FormApp;

beforeAll(async () => {
  app = await formApp(temporaryFolder(atEnd), atEnd);
});

stories.for(FORMS)('%s in Firefox [T-CSRF-05]', async ([, send, expected], { context }) => {
  const page = await context.newPage();
  await app.open(page);
  const before = app.written.length;
  await send(app, page);
  await expect.poll(() => app.written.slice(before)).toMatchObject([expected]);
});
