import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSso, type SsoOptions } from './index.ts';

const ssoOrigin = 'https://sso.example.com';
const create = (options: object) => createSso({ ssoOrigin, ...options } as SsoOptions);

afterEach(() => void vi.unstubAllGlobals());

describe('the option ssoOrigin', () => {
  it.each([
    ssoOrigin,
    'https://sso.example.com:8443',
    'https://192.0.2.1',
    'http://sso.example.localhost:4000',
    'http://localhost:4000',
    'http://127.0.0.1',
    'http://[::1]:4000',
  ])('accepts %s', (origin) => {
    expect(() => create({ ssoOrigin: origin })).not.toThrow();
  });

  it.each([
    'http://sso.example.localhost:4000/',
    'http://sso.example.localhost:4000 ',
    ' https://sso.example.com',
    'sso.example.localhost:4000',
    'sso.example.com',
    '//sso.example.com',
    'http://sso.example.localhost:4000/sso',
    'https://sso.example.com?',
    'https://sso.example.com#',
    'https://ada@sso.example.com',
    'https://SSO.example.com',
    'HTTPS://sso.example.com',
    'https://sso.example.com:443',
    'https://sso.example.com.',
    'https://*.example.com',
    'https://bücher.example.com',
    'https://sso.example.com\n',
    'https://sso.example.com\u200b',
    'wss://sso.example.com',
    'file:///sso',
    'null',
    '',
    'http://sso.example.com',
    'http://10.0.0.5',
    'http://127.0.0.2',
    'http://localhost.example.com',
  ])('refuses %j [T-PAGE-01]', (origin) => {
    expect(() => create({ ssoOrigin: origin })).toThrow(TypeError);
    expect(() => create({ ssoOrigin: origin })).toThrow(/ssoOrigin is ".*"; expected .*\.$/);
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [7, 'number'],
    [new URL(ssoOrigin), 'object'],
    [[ssoOrigin], 'object'],
    [{ toString: () => ssoOrigin }, 'object'],
    [Symbol('origin'), 'symbol'],
  ])('refuses a value that isn’t a string, such as %o', (value, shown) => {
    expect(() => create({ ssoOrigin: value })).toThrow(`ssoOrigin is ${shown}; expected`);
  });

  it('refuses the page’s own origin [T-PAGE-01]', () => {
    vi.stubGlobal('location', { origin: ssoOrigin });
    expect(() => create({})).toThrow("expected the SSO service's origin, not this page's own");
    expect(() => create({ ssoOrigin: 'https://sso.example.com:8443' })).not.toThrow();
  });

  it('is shown escaped if it has invisible characters', () => {
    expect(() => create({ ssoOrigin: 'https://sso.example.com\u202e\r\u200b' })).toThrow(
      'ssoOrigin is "https://sso.example.com\\u202e\\r\\u200b"; expected',
    );
  });
});

describe('the option basePath', () => {
  it.each(['', '/api', '/api/v1', '/~ada/my_app-1.0', '/.hidden', '/...'])('accepts %j', (basePath) => {
    expect(() => create({ basePath })).not.toThrow();
  });

  it.each([
    ...[
      '/',
      '/api/',
      'api',
      '//api',
      '/api//v1',
      '/api/../v1',
      '/..',
      '/.',
      '/api/.',
      '/a b',
      '/%61',
      '/api?',
    ],
    ...['/api#', 'https://example.com/api', '/@example.com', '/api\n', '\\api', '/a\\b', null, 7, ['/api']],
  ])('refuses %j [T-PAGE-01]', (basePath) => {
    expect(() => create({ basePath })).toThrow(/basePath is .*; expected a path/);
  });
});

it.each(['Confirm', '', 'silent', null])('the option mode refuses %j', (mode) => {
  expect(() => create({ mode })).toThrow('expected "automatic" or "confirm"');
});

it.each(['log', null])('the option onStep refuses %j', (onStep) => {
  expect(() => create({ onStep })).toThrow('expected a function');
});

it('options that are absent or undefined have their defaults', () => {
  expect(() => create({ basePath: undefined, mode: undefined, onStep: undefined })).not.toThrow();
});

it.each(['basepath', 'Mode', 'ssoURL', 'toString', '__proto__'])(
  'an unknown option such as %j is refused, and the error lists the known ones',
  (name) => {
    const options = Object.fromEntries([[name, undefined]]);
    expect(() => create(options)).toThrow(TypeError);
    expect(() => create(options)).toThrow(
      `Same-site SSO: unknown option "${name}"; expected one of ssoOrigin, basePath, mode, onStep.`,
    );
  },
);

it.each([
  [undefined, 'undefined'],
  [null, 'null'],
  [ssoOrigin, `"${ssoOrigin}"`],
  [() => ({ ssoOrigin }), 'function'],
])('options that aren’t an object, such as %o, are refused', (options, shown) => {
  const createWith = () => createSso(options as unknown as SsoOptions);
  expect(createWith).toThrow(TypeError);
  expect(createWith).toThrow(`Same-site SSO: options is ${shown}; expected an object with ssoOrigin.`);
});
