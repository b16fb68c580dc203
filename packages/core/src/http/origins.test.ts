import { describe, expect, it } from 'vitest';
import {
  isLoopback,
  parseOrigin,
  registrableDomain,
  validateAppServer,
  validateOrigin,
  validateServerUrl,
} from './origins.ts';

const site = (origin: string) => registrableDomain(new URL(origin));

describe('an origin', () => {
  it.each([
    'https://sso.example.com',
    'https://sso.example.com:8443',
    'https://xn--bcher-kva.example',
    'https://192.0.2.1',
    'https://[2001:db8::1]:8443',
    'http://localhost:4000',
    'http://foo.app.example.localhost:4001',
    'http://127.0.0.1:4000',
    'http://[::1]:4000',
  ])('may be %s', (text) => {
    expect(validateOrigin(text)).toBeNull();
    expect(parseOrigin(text)?.origin).toBe(text);
  });

  it.each([
    ['upper case in the host', 'https://SSO.example.com'],
    ['upper case in the scheme', 'HTTPS://sso.example.com'],
    ['the default port of https', 'https://sso.example.com:443'],
    ['the default port of http', 'http://localhost:80'],
    ['a padded port', 'https://sso.example.com:08443'],
    ['an empty port', 'https://sso.example.com:'],
    ['a trailing slash', 'https://sso.example.com/'],
    ['a path', 'https://sso.example.com/login'],
    ['a query', 'https://sso.example.com?'],
    ['a fragment', 'https://sso.example.com#'],
    ['userinfo', 'https://user:secret@sso.example.com'],
    ['empty userinfo', 'https://@sso.example.com'],
    ['a trailing dot, which browsers take for another host', 'https://sso.example.com.'],
    ['a trailing dot on a loopback name', 'http://sso.example.localhost.:4000'],
    ['a space before', ' https://sso.example.com'],
    ['a newline after', 'https://sso.example.com\n'],
    ['a tab within', 'https://sso.exa\tmple.com'],
    ['letters outside ASCII', 'https://bücher.example'],
    ['a percent-encoded host', 'https://sso%2eexample.com'],
    ['backslashes', 'https:\\\\sso.example.com'],
    ['no slashes', 'https:sso.example.com'],
    ['another scheme', 'ftp://sso.example.com'],
    ['the scheme of a WebSocket', 'wss://sso.example.com'],
    ['the scheme of a file', 'file://'],
    ['the scheme of a blob', 'blob:https://sso.example.com'],
    ['no scheme', 'sso.example.com'],
    ['an address in short form', 'http://127.1:4000'],
    ['an address as a number', 'http://2130706433:4000'],
    ['an IPv6 address in long form', 'http://[0:0:0:0:0:0:0:1]:4000'],
    ['the value null', 'null'],
    ['a wildcard', '*'],
    ['a pattern', 'https://*.example.com'],
    ['no characters', ''],
  ])('is refused with %s', (_what, text) => {
    expect(validateOrigin(text)).toMatch(/^is not an origin in canonical form/);
  });

  it.each([
    'http://sso.example.com',
    'http://192.168.0.1:4000',
    'http://127.0.0.2:4000',
    'http://localhost.example.com',
    'http://notlocalhost:4000',
    'http://[::2]:4000',
    'http://0.0.0.0:4000',
  ])('is refused with plain http on a host that is not loopback: %s', (text) => {
    expect(validateOrigin(text)).toMatch(/plain http on a host that is not loopback/);
  });
});

describe('a loopback host', () => {
  it.each(['http://localhost', 'https://a.b.localhost:1', 'http://127.0.0.1', 'http://[::1]'])(
    'is %s',
    (text) => {
      expect(isLoopback(new URL(text))).toBe(true);
    },
  );

  it.each([
    'https://localhost.com',
    'https://xlocalhost',
    'https://127.0.0.1.example.com',
    'https://10.0.0.1',
  ])('is not %s', (text) => expect(isLoopback(new URL(text))).toBe(false));
});

describe('the address of a server', () => {
  it.each([
    'https://sso.example.com',
    'https://203.0.113.7:8443',
    'http://localhost:4000',
    'http://sso.example.localhost:4000',
    'http://127.0.0.1:4000',
    'http://127.255.255.254',
    'http://[::1]:4000',
    'http://10.0.0.5',
    'http://172.31.255.255:4000',
    'http://192.168.1.2',
    'http://169.254.1.2',
    'http://[fd00:12::5]:4000',
    'http://[fe80::1]',
    'http://[::ffff:a00:5]:4000',
    'http://sso:4000',
    'http://sso_1',
  ])('may be %s', (text) => expect(validateServerUrl(text)).toBeNull());

  it.each([
    'http://sso.example.com',
    'http://sso.internal:4000',
    'http://localhost.example.com',
    'http://localhost.:4000',
    'http://sso.:4000',
    'http://example.com.',
    'http://127.0.0.1.example.com',
    'http://8.8.8.8',
    'http://9.255.255.255',
    'http://11.0.0.0',
    'http://172.15.255.255',
    'http://172.32.0.0',
    'http://192.169.0.1',
    'http://100.64.0.1',
    'http://0.0.0.0:4000',
    'http://255.255.255.255',
    'http://[::]:4000',
    'http://[2001:db8::1]',
    'http://[fec0::1]',
    'http://[::ffff:808:808]',
    'http://[64:ff9b::a00:5]',
    'http://[2002:a00:5::]',
    'http://*',
  ])('is not plain http to %s, where anyone on the path could respond [T-SSRF-04]', (text) => {
    expect(validateServerUrl(text)).toMatch(
      /^is plain http to a host that is neither .+; use https, with NODE_EXTRA/,
    );
  });

  it.each([
    'http://0x7f.1:4000',
    'http://2130706433',
    'http://134744072',
    'http://127.1',
    'http://127.0.0.1.:4000',
    'http://[::ffff:8.8.8.8]',
    'http://[::ffff:10.0.0.5]:4000',
    'http://sso@8.8.8.8',
    'http://sso:4000@example.com',
    'http://SSO:4000',
    'http://example%2ecom',
    'http://sso\uff0eexample',
    'http:sso',
  ])('is refused in a spelling that the URL parser changes: %s [T-SSRF-04]', (text) => {
    expect(validateServerUrl(text)).toBe('is not a bare http(s)://host[:port]');
  });
});

describe('the address of an app’s server', () => {
  it.each([
    'https://foo.example.com',
    'https://foo.example.com/api',
    'http://127.0.0.1:4001/api/v1',
    'http://foo:4001/~ada/my_app-1.0',
    'http://[::1]:4001/.hidden/...',
  ])('may be %s', (text) => expect(validateAppServer(text)).toBeNull());

  it.each([
    'https://foo.example.com/',
    'https://foo.example.com/api/',
    'https://foo.example.com//api',
    'https://foo.example.com/api//v1',
    'https://foo.example.com/.',
    'https://foo.example.com/./api',
    'https://foo.example.com/api/..',
    'https://foo.example.com/../api',
    'https://foo.example.com/%61pi',
    'https://foo.example.com/%2e%2e/api',
    'https://foo.example.com/api;v=1',
    'https://foo.example.com/api?x',
    'https://foo.example.com/api#x',
    'https://foo.example.com/a\\b',
    'https://foo.example.com/a b',
    'https://foo.example.com/api\n',
    'https://foo.example.com/ä',
    'https://foo.example.com/@evil.example',
    'https://foo.example.com/:4001',
  ])('may not have the path of %j [T-SSRF-03]', (text) => {
    expect(validateAppServer(text)).toMatch(
      /^has a path, ".*", that is neither empty nor a path such as \/api/,
    );
  });

  it.each([
    'foo.example.com/api',
    '/api',
    '//foo.example.com/api',
    '',
    'https:/foo.example.com/api',
    'https:///api',
    'https://foo.example.com\\api',
    'https://foo.example.com?x/api',
    'https://foo.example.com#/api',
    'https://ada@foo.example.com/api',
    'https://FOO.example.com/api',
    'https://foo.example.com:443/api',
    'HTTPS://foo.example.com/api',
    'ftp://foo.example.com/api',
    ' https://foo.example.com/api',
  ])('is otherwise as strict as that of the SSO service: not %j [T-SSRF-03]', (text) => {
    expect(validateAppServer(text)).toBe('is not a bare http(s)://host[:port]');
  });

  it('is not plain http to a public host, with any path', () => {
    expect(validateAppServer('http://foo.example.com/api')).toMatch(/^is plain http to a host/);
  });
});

describe('the registrable domain', () => {
  it.each([
    ['https://sso.example.com', 'example.com'],
    ['https://example.com:8443', 'example.com'],
    ['https://a.b.c.example.co.uk', 'example.co.uk'],
    ['http://foo.app.example.localhost:4001', 'example.localhost'],
    ['http://sso.example.localhost:4000', 'example.localhost'],
  ])('of %s is %s', (origin, expected) => expect(site(origin)).toBe(expected));

  it.each([
    ['under a private suffix', 'https://foo.github.io', 'https://sso.github.io'],
    ['under a public suffix', 'https://foo.co.uk', 'https://sso.co.uk'],
    ['under localhost itself', 'http://foo.localhost', 'http://sso.localhost'],
    ['of which one only ends with the other', 'https://notexample.com', 'https://example.com'],
    ['of which one begins with the other', 'https://example.com.evil.net', 'https://example.com'],
    ['that are addresses', 'http://127.0.0.1', 'http://127.0.0.2'],
    ['of which one is an address', 'http://127.0.0.1', 'http://localhost'],
  ])('keeps two hosts apart %s', (_how, one, other) => expect(site(one)).not.toBe(site(other)));

  it.each([
    ['http://127.0.0.1:4000', '127.0.0.1'],
    ['http://[::1]:4000', '[::1]'],
    ['http://localhost:4000', 'localhost'],
    ['https://github.io', 'github.io'],
  ])('of %s, which has none, is the host', (origin, host) => expect(site(origin)).toBe(host));
});
