import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { registryText } from '../../../../test/support/sso/registered-app.ts';
import { FOO, LOREM } from '../../../../test/support/sso/test-service.ts';
import {
  BAR,
  bar,
  CHANGED,
  followedRegistry,
  foo,
  freezeStatus,
  lorem,
  SAME,
} from './followed-registry.fixture.ts';

type Followed = Awaited<ReturnType<typeof followedRegistry>>;

describe('a change of the registry file', () => {
  test('is in force after a poll, and logged with what was added, changed and removed', async () => {
    const { registry, clock, log, changes, poll, write } = await followedRegistry([foo, lorem]);
    expect(log.info).not.toHaveBeenCalled();
    const moved = { ...foo, server: 'http://127.0.0.1:5001' };
    write([bar, moved]);
    clock.now = 2000;
    await poll();
    expect(registry.apps).toEqual([bar, moved]);
    expect(registry.find(FOO)).toEqual(moved);
    expect(registry.find(LOREM)).toBeUndefined();
    expect(registry.find(undefined)).toBeUndefined();
    expect(registry.loadedAt).toBe(2000);
    expect(changes).toEqual([{ added: [bar], changed: [moved], removed: [lorem] }]);
    expect(log.info.mock.calls).toEqual([
      [
        { added: [BAR], changed: [{ origin: FOO, server: 'http://127.0.0.1:5001' }], removed: [LOREM] },
        CHANGED,
      ],
    ]);
  });

  test('before the first poll is noticed too', async () => {
    const { origins } = await followedRegistry([foo, lorem], (file) =>
      writeFileSync(file, registryText([foo])),
    );
    expect(origins()).toEqual([FOO]);
  });

  test.each<[string, (followed: Followed) => void]>([
    ['written in place', ({ write }) => write([foo, bar])],
    [
      'replaced by rename, as editors do',
      ({ write, file }) => {
        write([foo, bar], `${file}~`);
        renameSync(`${file}~`, file);
      },
    ],
    [
      'deleted and created again',
      ({ write, file }) => {
        rmSync(file);
        write([foo, bar]);
      },
    ],
  ])('is noticed when the file is %s', async (_how, change) => {
    const followed = await followedRegistry([foo, lorem]);
    change(followed);
    await followed.poll();
    expect(followed.origins()).toEqual([FOO, BAR]);
  });

  test('is noticed when a symbolic link leads elsewhere, as Kubernetes updates a ConfigMap', async () => {
    const swapData = (file: string, name: string, apps: unknown) => {
      const folder = path.dirname(file);
      mkdirSync(path.join(folder, name));
      writeFileSync(path.join(folder, name, 'apps.json'), registryText(apps));
      symlinkSync(name, path.join(folder, '..data_tmp'));
      renameSync(path.join(folder, '..data_tmp'), path.join(folder, '..data'));
    };
    const { file, poll, origins } = await followedRegistry([foo, lorem], (file) => {
      swapData(file, '..2026_1', [foo, lorem]);
      symlinkSync('..data/apps.json', file);
    });
    swapData(file, '..2026_2', [foo, bar]);
    expect(readdirSync(path.dirname(file)), 'Kubernetes deletes it later').toContain('..2026_1');
    await poll();
    expect(origins()).toEqual([FOO, BAR]);
  });

  test('that follows another too soon for the file system’s clock is noticed', async () => {
    const { file, poll, write, origins } = await followedRegistry([foo]);
    write([bar]);
    await poll();
    await freezeStatus(file);
    write([lorem]);
    await poll();
    expect(origins()).toEqual([LOREM]);
  });

  test('is noticed only by the file’s status: while that looks the same, a poll reads nothing', async () => {
    const { file, poll, write, origins } = await followedRegistry([foo]);
    await freezeStatus(file);
    write([lorem]);
    await poll();
    expect(origins()).toEqual([FOO]);
  });

  test('that concerns no app is logged once, and calls no listener', async () => {
    const { registry, clock, log, changes, poll, write } = await followedRegistry([foo, lorem]);
    const before = registry.find(FOO);
    write([lorem, foo]);
    clock.now = 2000;
    await poll(3);
    expect(log.info.mock.calls).toEqual([[SAME]]);
    expect(changes).toEqual([]);
    expect(registry.find(FOO)).toBe(before);
    expect(registry.loadedAt).toBe(2000);
  });

  test('keeps the objects of unchanged apps, so that what is cached for them stays', async () => {
    const { registry, poll, write } = await followedRegistry([foo, lorem]);
    const [sameFoo, oldLorem] = [registry.find(FOO), registry.find(LOREM)];
    write([foo, { ...lorem, name: 'Ipsum' }]);
    await poll();
    expect(registry.find(FOO)).toBe(sameFoo);
    expect(registry.find(LOREM)).not.toBe(oldLorem);
  });

  test('logs the warnings that the registry didn’t have before', async () => {
    const { log, poll, write } = await followedRegistry([foo]);
    const https = { ...lorem, origin: LOREM.replace('http', 'https') };
    write([foo, https]);
    await poll();
    write([foo, bar, https]);
    await poll();
    expect(log.warn.mock.calls).toEqual([[expect.stringContaining('has another scheme')]]);
  });
});

test('reloading on request reads the file at once, and logs the outcome each time', async () => {
  const { registry, log, poll, write, origins } = await followedRegistry([foo]);
  write([foo, bar]);
  await registry.reload();
  expect(origins()).toEqual([FOO, BAR]);
  await registry.reload();
  await poll(3);
  expect(log.info.mock.calls).toEqual([[{ added: [BAR] }, CHANGED], [SAME]]);
});

test('the last server of a removed app is known until the app is added again', async () => {
  const { registry, poll, write } = await followedRegistry([foo, lorem]);
  expect(registry.serverOf(LOREM)).toBe(lorem.server);
  write([foo]);
  await poll();
  expect(registry.serverOf(LOREM)).toBe(lorem.server);
  const moved = { ...lorem, server: 'http://127.0.0.1:5002' };
  write([foo, moved]);
  await poll();
  expect(registry.serverOf(LOREM)).toBe(moved.server);
  expect(registry.serverOf(BAR)).toBeUndefined();
});
