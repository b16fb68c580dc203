/**
 * The demo with several instances: people sign in and out through the load balancer, also while one
 * instance of each program is lost, and operators use the command line.
 */
import assert from 'node:assert/strict';
import type { BrowserContext } from '@playwright/test';
import { administrateScaled } from './administration.ts';
import { scaled } from './compose.ts';
import { readScaledServices } from './compose-rules.ts';
import { scanScaled } from './scan.ts';
import {
  ada,
  expectSignedIn,
  foo,
  lorem,
  signInAgainAtLorem,
  signInAtFoo,
  signOutEverywhere,
} from './visit.ts';

const { compose, outputOf, awaitEnd } = scaled;
const instances = ['sso-1', 'sso-2', 'foo-1', 'foo-2'];

/** @param visit calls back with a new person's browser */
export async function checkScaled(
  visit: (story: (context: BrowserContext) => Promise<void>) => Promise<void>,
): Promise<void> {
  const rules = Object.keys(readScaledServices()).sort();
  assert.deepEqual(outputOf(['config', '--services']).trim().split('\n').sort(), rules);
  try {
    compose('down', '--volumes');
    compose('up', '--build', '--detach');
    awaitReady();
    awaitEnd('accounts');
    scanScaled();
    await visit(signInAndOut);
    await checkClientAddress();
    await visit((context) => loseInstances(context, ['sso-1', 'foo-2']));
    await visit((context) => loseInstances(context, ['sso-2', 'foo-1']));
    await visit(replaceAll);
    checkThatAllInstancesServed();
    administrateScaled();
    console.log('\nThe demo with several instances works.');
  } finally {
    compose('down', '--volumes');
  }
}

function awaitReady(): void {
  compose('up', '--detach', '--no-recreate', '--no-deps', '--wait', 'nginx', 'lorem', ...instances);
}

async function signInAndOut(context: BrowserContext): Promise<void> {
  const [fooPage, loremPage] = [await context.newPage(), await context.newPage()];
  await signInAtFoo(fooPage);
  await loremPage.goto(lorem);
  await expectSignedIn(loremPage, 'at lorem, without one');
  await signOutEverywhere(fooPage, loremPage);
}

/** A session goes on at the instances that are left. New ones start there, and all are ended. */
async function loseInstances(context: BrowserContext, lost: readonly string[]): Promise<void> {
  const [fooPage, loremPage] = [await context.newPage(), await context.newPage()];
  await signInAtFoo(fooPage);
  await loremPage.goto(lorem);
  await expectSignedIn(loremPage, 'at lorem, without one');

  compose('kill', ...lost);
  await fooPage.reload();
  await expectSignedIn(fooPage, `at foo, without ${lost.join(' and ')}`);
  await signInAgainAtLorem(loremPage, 'at lorem, by an SSO session from before the loss');
  await signOutEverywhere(fooPage, loremPage);
  await signInAndOut(context);
  assert.deepEqual(
    outputOf(['ps', '--services', '--status', 'running']).match(new RegExp(lost.join('|'), 'g')),
    null,
  );
  awaitReady();
}

/** A session goes on while every container is replaced, one after the other, and PostgreSQL is killed. */
async function replaceAll(context: BrowserContext): Promise<void> {
  const [fooPage, loremPage] = [await context.newPage(), await context.newPage()];
  await signInAtFoo(fooPage);
  for (const instance of instances) {
    compose('up', '--detach', '--no-deps', '--force-recreate', '--wait', instance);
  }
  await fooPage.reload();
  await expectSignedIn(fooPage, 'at foo, after a rolling restart');

  compose('kill', 'postgres');
  compose('up', '--detach', '--no-deps', '--wait', 'postgres');
  awaitReady();
  await fooPage.reload();
  await expectSignedIn(fooPage, 'at foo, after PostgreSQL was killed and started again');
  await loremPage.goto(lorem);
  await expectSignedIn(loremPage, 'at lorem, by an SSO session from before that');
  await signOutEverywhere(fooPage, loremPage);
}

/** The SSO service believes nginx, which appends the address that it sees, and not the client. */
async function checkClientAddress(): Promise<void> {
  const claimed = '198.51.100.7';
  const response = await fetch('http://127.0.0.1:4000/', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: foo, 'X-Forwarded-For': claimed },
    body: JSON.stringify({ request: 'login', username: ada.username, password: ada.password }),
  });
  assert.equal(response.status, 200);
  const list = ['exec', '-T', 'sso-1', 'samesite-sso', 'session', 'list', ada.username, '--json'];
  const sessions: { address: string }[] = JSON.parse(outputOf(list));
  const [, seen] = /([\d.]+) POST 127\.0\.0\.1:4000 200 /.exec(nginxLog()) ?? [];
  assert.deepEqual(
    sessions.map(({ address }) => address),
    [seen],
  );
  console.log('The SSO service knows the client’s address behind nginx.');
}

/** In nginx's log, each request ends with the address of the instance. */
function checkThatAllInstancesServed(): void {
  const served = new Set(
    [...nginxLog().matchAll(/, at \S*?([\d.]+:400\d)$/gm)].map(([, address]) => address),
  );
  assert.equal(served.size, instances.length, [...served].join());
  console.log('All instances served requests.');
}

function nginxLog(): string {
  return outputOf(['logs', '--no-color', '--no-log-prefix', 'nginx']);
}
