import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { registeredApp, registryText } from '../../../../../test/support/sso/registered-app.ts';
import { FOO, LOREM, SSO, temporaryFolder } from '../../../../../test/support/sso/test-service.ts';
import { administration, emptyDatabase } from '../administration.fixture.ts';
import { differencesOf, isLoaded, loadedFindings, warnOfRemoved } from './loaded-apps.ts';

const foo = registeredApp({ origin: FOO, name: 'Foo', server: 'http://127.0.0.1:4001' });
const lorem = registeredApp({ origin: LOREM, name: 'Lorem', server: 'http://127.0.0.1:4002' });
const loadedAt = Date.parse('2026-11-22T12:00:00Z');
const READ = 'read its registry at 2026-11-22T12:00:00Z: see its log';

test('an app that all instances have loaded passes with one finding', () => {
  const one = { instance: 'web-1/7/aa', apps: [foo, lorem], loadedAt };
  const two = { instance: 'web-2/7/bb', apps: [foo], loadedAt };
  expect(loadedFindings(foo, [one, two])).toEqual([
    { check: 'loaded', passed: true, message: 'is loaded by all 2 running instances' },
  ]);
  expect(loadedFindings(foo, [one])).toEqual([
    { check: 'loaded', passed: true, message: 'is loaded by the running SSO service' },
  ]);
  expect(isLoaded(foo, [one, two])).toBe(true);
  expect(loadedFindings(foo, [])).toEqual([]);
  expect(isLoaded(foo, [])).toBeNull();
});

test('each instance that differs from the file is a finding of its own [T-CRASH-08]', () => {
  const loaded = [
    { instance: 'web-1/7/aa', apps: [foo], loadedAt },
    { instance: 'web-2/7/bb', apps: [lorem], loadedAt },
    { instance: 'web-3/7/cc', apps: [{ ...foo, server: 'http://127.0.0.1:5001' }], loadedAt },
  ];
  expect(loadedFindings(foo, loaded)).toEqual([
    { check: 'loaded', passed: false, message: `isn't loaded; the SSO service web-2/7/bb ${READ}` },
    {
      check: 'loaded',
      passed: false,
      message: `is loaded with the server http://127.0.0.1:5001; the SSO service web-3/7/cc ${READ}`,
    },
  ]);
  expect(isLoaded(foo, loaded)).toBe(false);
  expect(differencesOf({ ...foo, name: 'Bar' }, loaded.slice(0, 1))).toEqual([
    `is loaded with the name Foo; the running SSO service ${READ}`,
  ]);
});

test('an instance of any version that requires something else of an app differs', () => {
  const { origin, name, server } = foo;
  const loadedWith = (app: object) => [
    { instance: 'web-1/7/aa', apps: [{ origin, name, server, ...app }], loadedAt },
  ];
  const difference = (app: typeof foo, loaded: object) =>
    differencesOf(app, loadedWith(loaded))[0]?.split(';')[0];
  const restricted = { ...foo, groups: ['admins', 'staff'], secondFactor: true };
  expect(difference(foo, {}), 'as a version without groups records it').toBeUndefined();
  expect(difference(restricted, restricted)).toBeUndefined();
  expect(difference(restricted, { ...restricted, groups: ['staff'] })).toBe(
    'is loaded with the groups staff',
  );
  expect(difference(restricted, { ...restricted, groups: null })).toBe('is loaded without groups');
  expect(difference(restricted, { ...restricted, secondFactor: false })).toBe(
    'is loaded as not requiring a second factor',
  );
  expect(difference(foo, { ...foo, secondFactor: true })).toBe('is loaded as requiring a second factor');
});

test('each instance that still accepts a removed app is named [T-CRASH-08]', () => {
  const loaded = [
    { instance: 'web-1/7/aa', apps: [foo], loadedAt },
    { instance: 'web-2/7/bb', apps: [foo, lorem], loadedAt },
  ];
  expect(warnOfRemoved([foo], loaded)).toEqual([
    `${LOREM} is loaded but no longer in the registry; the SSO service web-2/7/bb ${READ}`,
  ]);
});

test('an instance that was killed is not compared for longer than two and a half minutes', async () => {
  const SSO_APPS = path.join(temporaryFolder(), 'apps.json');
  writeFileSync(SSO_APPS, registryText([foo]));
  const { open, json } = administration({ SSO_DATABASE: emptyDatabase(), SSO_ORIGIN: SSO, SSO_APPS });
  const { registry } = open();
  const record = (ageSeconds: number) =>
    registry.record({ instance: 'web-1/7/aa', apps: [foo], loadedAt }, Date.now() - ageSeconds * 1000);
  await record(100);
  expect(await json(['app', 'list'])).toMatchObject([{ loaded: true }]);
  await record(151);
  expect(await json(['app', 'list'])).toMatchObject([{ loaded: null }]);
});
