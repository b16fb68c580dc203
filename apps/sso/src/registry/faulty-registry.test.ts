import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { registryText } from '../../../../test/support/sso/registered-app.ts';
import { FOO, LOREM } from '../../../../test/support/sso/test-service.ts';
import { BAR, bar, followedRegistry, foo, lorem, REFUSED, SAME } from './followed-registry.fixture.ts';

afterEach(() => vi.unstubAllEnvs());

describe('a registry file with an error', () => {
  test('changes nothing, and is logged once with file, line and column [T-CRASH-09]', async () => {
    const { registry, file, log, changes, poll } = await followedRegistry([foo, lorem]);
    writeFileSync(file, '[\n  {"origin": "x"},\n]');
    await poll(5);
    expect(registry.apps).toEqual([foo, lorem]);
    expect(changes).toEqual([]);
    expect(log.info).not.toHaveBeenCalled();
    const reason = 'is not JSON: expected a value after the comma, found "]"';
    expect(log.warn.mock.calls).toEqual([
      [{ errors: [`SSO_APPS: ${file}, line 3, column 1: ${reason}`] }, REFUSED],
    ]);
  });

  test('is logged with all errors of its apps in one line', async () => {
    const { log, poll, write } = await followedRegistry([foo]);
    write([{ origin: FOO }, { origin: LOREM, name: '', server: lorem.server }]);
    await poll(3);
    expect(log.warn).toHaveBeenCalledOnce();
    expect(log.warn.mock.calls[0]?.[0].errors).toEqual([
      expect.stringContaining('line 1, column 2: app 1 has no "name"'),
      expect.stringMatching(/line 1, column \d+: app 2 has an invalid "name"/),
    ]);
  });

  test('is not an error if it was only half-written when it was read [T-CRASH-09]', async () => {
    const { file, log, poll, origins } = await followedRegistry([foo]);
    const text = registryText([foo, bar]);
    for (const length of [0, 20, text.length - 1]) {
      writeFileSync(file, text.slice(0, length));
      await poll();
    }
    expect(origins()).toEqual([FOO]);
    writeFileSync(file, text);
    await poll();
    expect(origins()).toEqual([FOO, BAR]);
    expect(log.warn).not.toHaveBeenCalled();
  });

  test('is logged again when another version has the same error, as is its end', async () => {
    const { file, log, poll, write } = await followedRegistry([foo]);
    writeFileSync(file, '[');
    await poll(2);
    renameSync(file, `${file}~`);
    writeFileSync(file, '[');
    await poll(2);
    expect(log.warn).toHaveBeenCalledTimes(2);
    rmSync(file);
    await poll(2);
    expect(log.warn).toHaveBeenLastCalledWith(
      { errors: [`SSO_APPS: ${file} can't be read (ENOENT)`] },
      REFUSED,
    );
    write([foo]);
    await poll(2);
    expect(log.info.mock.calls).toEqual([[SAME]]);
    expect(log.warn).toHaveBeenCalledTimes(3);
  });

  test('is logged at once, each time, when reloading was requested, and polls don’t repeat it', async () => {
    const { registry, file, log, poll, origins } = await followedRegistry([foo]);
    writeFileSync(file, '[');
    await registry.reload();
    await registry.reload();
    await poll(3);
    expect(log.warn).toHaveBeenCalledTimes(2);
    expect(origins()).toEqual([FOO]);
  });
});

describe.runIf(process.platform !== 'win32')('a registry file that others can write', () => {
  test('is refused, and used as soon as that is corrected [T-ORIGIN-09]', async () => {
    const { file, log, poll, write, origins } = await followedRegistry([foo]);
    write([foo, bar]);
    chmodSync(file, 0o666);
    await poll(3);
    expect(origins()).toEqual([FOO]);
    expect(log.warn.mock.calls).toEqual([
      [{ errors: [expect.stringContaining('can be written by others (mode 666)')] }, REFUSED],
    ]);
    chmodSync(file, 0o644);
    await poll();
    expect(origins()).toEqual([FOO, BAR]);
  });

  test('is read again until it is in order, even if it looks unchanged', async () => {
    const { file, log, poll } = await followedRegistry([foo]);
    chmodSync(file, 0o666);
    await poll(3);
    expect(log.warn).toHaveBeenCalledOnce();
    vi.stubEnv('ALLOW_OPEN_FILES_IN', path.dirname(file));
    await poll();
    expect(log.info.mock.calls).toEqual([[SAME]]);
  });
});
