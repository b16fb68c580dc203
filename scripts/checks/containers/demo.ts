/**
 * The demo in containers, for a person, an operator and an intruder. The person signs in at foo and is signed
 * in at lorem without a password, even after the SSO service and foo were restarted. The lab shows the
 * requests. Signing out at foo signs the person out at lorem, even while the lab isn't running.
 */
import assert from 'node:assert/strict';
import type { BrowserContext } from '@playwright/test';
import { administrate } from './administration.ts';
import { demo } from './compose.ts';
import { scanDemo } from './scan.ts';
import {
  expectSignedIn,
  expectSoon,
  lorem,
  signInAgainAtLorem,
  signInAtFoo,
  signOutEverywhere,
} from './visit.ts';

const { compose, awaitEnd } = demo;
const servers = ['sso', 'foo', 'lorem', 'lab'];
const lab = 'http://lab.example.localhost:4010';

/** @param visit calls back with a new person's browser */
export async function checkDemo(
  visit: (story: (context: BrowserContext) => Promise<void>) => Promise<void>,
): Promise<void> {
  try {
    compose('down', '--volumes');
    compose('up', '--build', '--detach');
    compose('up', '--no-recreate', '--wait', ...servers);
    awaitEnd('accounts');
    scanDemo();
    await visit(checkStory);
    administrate();
    console.log('\nThe demo in containers works.');
  } finally {
    compose('down', '--volumes');
  }
}

async function checkStory(context: BrowserContext): Promise<void> {
  const [fooPage, loremPage] = [await context.newPage(), await context.newPage()];
  const labPage = await context.newPage();
  await labPage.goto(lab);

  await signInAtFoo(fooPage);
  for (const purpose of ['login', 'introspection']) {
    await expectSoon(labPage.locator(`li[data-purpose="${purpose}"][data-status="200"]`)).toHaveCount(1);
  }
  const link = fooPage.getByRole('link', { name: 'Watch every request in the lab' });
  assert.equal(await link.getAttribute('href'), lab);
  console.log('The lab, to which foo links, shows the sign-in and what foo asked the SSO service.');

  await loremPage.goto(lorem);
  await expectSignedIn(loremPage, 'at lorem, without one');

  restart('sso');
  await fooPage.reload();
  await expectSignedIn(fooPage, 'at foo, after the SSO service was restarted');
  await signInAgainAtLorem(loremPage, 'at lorem, by an SSO session from before the restart');

  restart('foo');
  await fooPage.reload();
  await expectSignedIn(fooPage, 'at foo, after foo was restarted');

  compose('stop', 'lab');
  await signOutEverywhere(fooPage, loremPage);
}

function restart(server: string): void {
  compose('restart', server);
  compose('up', '--no-recreate', '--wait', ...servers);
}
