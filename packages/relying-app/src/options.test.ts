import { StartFault } from '@samesite-sso/service';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { relyingApp } from './index.ts';
import { type RelyingAppOptions, refuseFaultyOptions } from './options.ts';
import { newDatabase } from './seeded-session.fixture.ts';

const GOOD = {
  origin: 'https://foo.app.example.com',
  ssoOrigin: 'https://sso.example.com',
  database: 'app.db',
};

function faultsOf(options: Partial<RelyingAppOptions>): readonly string[] {
  try {
    refuseFaultyOptions({ ...GOOD, ...options });
  } catch (error) {
    if (error instanceof StartFault) return error.faults;
    throw error;
  }
  return [];
}

describe('the options of a relying app', () => {
  it.each<Partial<RelyingAppOptions>>([
    {},
    { ssoServerUrl: 'http://sso:4000' },
    { origin: 'http://foo.app.example.localhost:4001', ssoOrigin: 'http://sso.example.localhost:4000' },
    { origin: 'http://127.0.0.1:4001', ssoOrigin: 'http://127.0.0.1:4000' },
    { corsOrigins: [], webSocketOrigins: [] },
    { corsOrigins: ['https://a.example.com', 'https://b.example.com:8443'], webSocketOrigins: [GOOD.origin] },
  ])('may be %j', (options) => expect(faultsOf(options)).toEqual([]));

  it.each([
    ['another site', 'https://foo.example.org'],
    ['a site that only ends alike', 'https://notexample.com'],
  ])('are refused for an app of %s, because browsers would withhold the cookie', (_what, origin) => {
    expect(faultsOf({ origin })).toEqual([
      expect.stringMatching(/is of the site .+ browsers would withhold its cookie/),
    ]);
  });

  it.each([
    ['https://foo.github.io', 'https://sso.github.io'],
    ['http://foo.localhost:4001', 'http://sso.localhost:4000'],
    ['http://127.0.0.1:4001', 'http://localhost:4000'],
  ])('are refused where browsers see two sites: %s and %s', (origin, ssoOrigin) => {
    expect(faultsOf({ origin, ssoOrigin })).toEqual([expect.stringContaining('browsers would withhold')]);
  });

  it('are refused for plain http on a public host', () => {
    expect(faultsOf({ origin: 'http://foo.app.example.com' })).toEqual([
      expect.stringContaining('http://foo.app.example.com is plain http'),
    ]);
  });

  it('are refused where app and SSO service share one origin', () => {
    expect(faultsOf({ origin: GOOD.ssoOrigin })).toEqual([expect.stringContaining('they must differ')]);
  });

  it('are refused with every fault named at once', () => {
    const faults = faultsOf({ origin: 'https://FOO.example.com', ssoOrigin: 'null', ssoServerUrl: 'sso' });
    expect(faults).toHaveLength(3);
  });

  describe.each(['corsOrigins', 'webSocketOrigins'] as const)('%s', (name) => {
    it.each([
      '*',
      'null',
      '',
      'https://*.example.com',
      'https://a.example.com/',
      'https://a.example.com/path',
      'https://A.example.com',
      'https://a.example.com:443',
      'a.example.com',
      'wss://a.example.com',
      'http://a.example.com',
      String(/^https:/),
    ])('are refused with %j, and every other fault is named beside it', (origin) => {
      expect(
        faultsOf({ [name]: ['https://b.example.com', origin, `${origin}.`], sessionSeconds: 0 }),
      ).toEqual([
        expect.stringContaining('sessionSeconds'),
        expect.stringMatching(new RegExp(`^${name}: .* is (not an origin|plain http)`)),
        expect.stringMatching(new RegExp(`^${name}: .* is not an origin`)),
      ]);
    });
  });

  it('are refused for another site, too, where a listed origin is faulty', () => {
    const options = { origin: 'https://foo.example.org', corsOrigins: ['*'], webSocketOrigins: ['null'] };
    expect(faultsOf(options)).toEqual([
      expect.stringContaining('browsers would withhold its cookie'),
      expect.stringMatching(/^corsOrigins: \* /),
      expect.stringMatching(/^webSocketOrigins: null /),
    ]);
  });

  it.each([0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY])(
    'are refused with sessions of %d s',
    (sessionSeconds) => {
      expect(faultsOf({ sessionSeconds })).toEqual([expect.stringContaining('sessionSeconds')]);
    },
  );

  it('stop the app from starting when they are faulty', async () => {
    const app = Fastify();
    onTestFinished(() => app.close());
    const options = { ...GOOD, origin: 'https://foo.example.org', database: newDatabase() };
    await expect(app.register(relyingApp, options)).rejects.toBeInstanceOf(StartFault);
  });
});
