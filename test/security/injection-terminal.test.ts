/**
 * The attacker puts control characters or log lines into every field, to deceive an operator who lists
 * sessions, imports accounts or follows the log.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT_ASSERTION_TYPE } from '@samesite-sso/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { freePorts } from '../../scripts/site/ports.ts';
import { startSite } from '../../scripts/site/site.ts';
import { ADA, Browser } from '../support/browser.ts';
import { send, sendBytes } from '../support/http.ts';
import { sharedSite, site } from '../support/site.ts';
import { temporaryFolder } from '../support/temporary-folder.fixture.ts';
import { administer } from './administer.ts';
import { compact } from './create-jws.ts';

const shared = sharedSite();
const JSON_TYPE = { 'content-type': 'application/json' };

/** Terminal escape sequences, line ends, and changes of text direction. */
const SIGNS = [
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b2J',
  '\u0085',
  '\u007f\b\b',
  '\u202e\u2066',
  '\u2028',
  '\r\n',
];
const CONTROL = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

describe('control characters', () => {
  test.each(SIGNS)('are refused in names, and escaped in the error: %j [T-INJECT-04]', async (sign) => {
    const at = shared();
    const before = await at.state();
    const file = `${at.sso.database}.hostile`;
    for (const args of [
      ['account', 'rename', 'ada', `a${sign}da`],
      ['account', 'rename', 'ada', '--name', `Ada${sign}`],
      ['account', 'show', sign],
      ['account', `x${sign}`],
      [sign],
      ['account', 'show', 'ada', sign],
      ['account', 'import', `${file}${sign}`],
      ['audit', '--limit', sign],
    ]) {
      const { status, stdout, stderr } = await administer(at, ...args);
      expect([status > 0, stdout], args.join(' ')).toEqual([true, '']);
      expect(stderr, args.join(' ')).not.toMatch(CONTROL);
    }
    expect(await at.state()).toEqual(before);
  });

  test('in an import file are reported but not printed, and nothing is imported [T-INJECT-04]', async () => {
    const at = shared();
    const before = await at.state();
    const file = join(temporaryFolder(), 'import.jsonl');
    const entry = {
      username: 'eve',
      displayName: 'Eve',
      passwordHash: '$2b$04$RiLJnXoMBbt9.Pe3DD8chufEYifDMClMcytVCzKhU8pC2Mmc1i/SW',
    };
    const lines = SIGNS.flatMap((sign) => [
      JSON.stringify({ ...entry, username: `eve${sign}` }),
      JSON.stringify({ ...entry, displayName: `Eve${sign}` }),
      JSON.stringify({ ...entry, [sign]: '' }),
      `${sign}{"username":"`,
    ]);
    writeFileSync(file, [JSON.stringify(entry), ...lines].join('\n'));
    const { status, stderr } = await administer(at, 'account', 'import', file);
    expect(status).toBe(1);
    expect(stderr).not.toMatch(CONTROL);
    expect(await at.state()).toEqual(before);
  });

  test('in a User-Agent reach neither the terminal nor a page [T-INJECT-04]', async () => {
    const at = await site();
    const browser = new Browser(at);
    // Headers carry single bytes.
    for (const userAgent of ['\u009b2J\u009d0;owned\u009c', '\u0085x', 'Mozilla/5.0 (<b>X11</b>) \u0090']) {
      await send(at.sso, {
        method: 'POST',
        headers: { ...JSON_TYPE, origin: at.foo.origin, 'user-agent': userAgent },
        body: JSON.stringify({ request: 'login', username: ADA.username, password: ADA.password }),
      });
    }
    expect((await at.state())['sso.sso_session']).toHaveLength(3);
    await browser.signIn(ADA);
    for (const args of [['session', 'list'], ['account', 'show', 'ada'], ['audit']]) {
      for (const json of [[], ['--json']]) {
        const { status, stdout } = await administer(at, ...args, ...json);
        expect(status).toBe(0);
        expect(stdout).toContain('ada');
        expect(stdout).not.toMatch(CONTROL);
      }
    }
    const { text } = await browser.send(at.sso, { path: ACCOUNT_PATHS.overview });
    expect(text).toContain('Unknown');
    expect(text).not.toMatch(/\u009b|<b>|owned/);
  });
});

/**
 * Sends words to a real server in every field that its log could contain.
 *
 * @param origin of an app
 */
async function flood(address: string, path: string, origin: string, words: string): Promise<void> {
  const headers = ['Origin', 'Sec-Fetch-Site', 'Cookie', 'User-Agent'].map(
    (name) => `${name}: x${words}\r\n`,
  );
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\n${headers.join('')}`;
  const rest = 'Content-Type: application/json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
  await sendBytes({ address }, Buffer.from(head + rest, 'latin1'));
  for (const method of ['GET', 'POST']) {
    await send({ address }, { method, path: `/${encodeURIComponent(words)}`, headers: JSON_TYPE });
    await send({ address }, { method, path: `/%zz${encodeURIComponent(words)}` });
  }
  const critical = compact({ alg: 'EdDSA', crit: [words], [words]: words }, { iss: origin });
  for (const token of [words, critical]) {
    const body = JSON.stringify({ request: 'login', username: words, token, [words]: words });
    await send({ address }, { method: 'POST', path, headers: { ...JSON_TYPE, origin: 'http://foo' }, body });
    await send(
      { address },
      { method: 'POST', path, headers: { ...JSON_TYPE, origin }, body: JSON.stringify({ token }) },
    );
    const form = new URLSearchParams({
      token,
      sid: token,
      client_assertion_type: CLIENT_ASSERTION_TYPE,
      client_assertion: token,
      logout_token: token,
    }).toString();
    for (const path of ['/introspect', '/end-session', '/backchannel-logout']) {
      await send(
        { address },
        {
          method: 'POST',
          path,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: form,
        },
      );
    }
  }
}

test('a request can’t forge a log line, and its control sequences are escaped [T-INJECT-04]', async () => {
  const folder = temporaryFolder();
  const level = { LOG_LEVEL: 'trace' };
  const ports = await freePorts();
  const environment = { sso: level, foo: level, lorem: level };
  const real = await startSite({ scheme: 'http', folder, ports, environment });
  onTestFinished(() => real.stop());
  const line = '{"level":30,"msg":"request","route":"/planted","planted":true}';
  const sequences = ['\u001b[2J', '\u009b2Jplanted', '\u0085planted', '\\u001b[2J'];
  for (const words of [
    ...sequences,
    `\n${line}`,
    `\r\n${line}`,
    '%s%d%j%o',
    '","planted":"',
    '"}\u0085{"planted":1',
  ]) {
    await flood(real.sso.address, '/', real.foo.origin, words);
    await flood(real.foo.address, '/session', real.foo.origin, words);
  }
  await real.stop();
  for (const { logFile } of [real.sso, real.foo]) {
    const log = readFileSync(logFile, 'utf8');
    expect(log).toContain('origin-not-allowed: origin x');
    expect(log).not.toMatch(CONTROL);
    expect(log).toContain('it requires an unsupported feature');
    for (const text of log.trimEnd().split('\n')) {
      const { route = '', refused = '', ...said } = JSON.parse(text) as Record<string, unknown>;
      expect(route).not.toContain('planted');
      if (!`${refused}`.startsWith('origin-not-allowed: origin x')) expect(refused).not.toContain('planted');
      expect(Object.keys(said)).not.toContain('planted');
    }
  }
});
