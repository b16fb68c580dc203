import { describe, expect, it } from 'vitest';
import { checkCors } from './cors-check.ts';
import { page, toFields } from './step.fixture.ts';

type Credentials = Parameters<typeof checkCors>[0];

const check = (
  credentials: Credentials,
  allowOrigin: string | null,
  allowCredentials: string | null = 'true',
) =>
  checkCors(
    credentials,
    toFields({
      'Access-Control-Allow-Origin': allowOrigin,
      'Access-Control-Allow-Credentials': allowCredentials,
    }),
    page,
    'The response',
  );

const modes: readonly Credentials[] = ['omit', 'same-origin', 'include'];

/** Each differs from the page's origin in one way. */
const others = [
  '',
  'null',
  '**',
  'http://lab.example.localhost',
  'http://lab.example.localhost:40100',
  'http://lab.example.localhost:401',
  'https://lab.example.localhost:4010',
  'http://lab.example.localhost:4010/',
  'http://LAB.example.localhost:4010',
  'http://lab.example.localhost.:4010',
  'http://*.example.localhost:4010',
  'http://foo.example.localhost:4010',
  'lab.example.localhost:4010',
  'http://lab.example.localhost:4010\0',
];

const lists = [
  `${page}, http://b.example`,
  `http://b.example, ${page}`,
  `${page} http://b.example`,
  `,${page}`,
  `*, ${page}`,
  '*,*',
];

describe('Access-Control-Allow-Origin', () => {
  it.each(modes)('A response without Access-Control-Allow-Origin fails with credentials mode %s', (mode) => {
    expect(check(mode, null)).toMatchObject({ rule: 'allow-origin-missing', step: 'CORS check, step 2' });
  });

  it.each(modes)("The page's own origin passes with credentials mode %s.", (mode) => {
    expect(check(mode, page)).toMatchObject({ rule: 'allowed', header: null });
    expect(check(mode, ` ${page}\t`)).toMatchObject({ rule: 'allowed', header: null });
  });

  it.each(others)('The allowed origin %j fails in every credentials mode', (value) => {
    for (const mode of modes) {
      expect(check(mode, value)).toMatchObject({ rule: 'allow-origin-mismatch', step: 'CORS check, step 4' });
    }
  });

  it.each(lists)('The list %j fails in every credentials mode', (value) => {
    for (const mode of modes) {
      expect(check(mode, value)).toMatchObject({ rule: 'allow-origin-multiple', step: 'CORS check, step 4' });
    }
  });

  it.each(['omit', 'same-origin'] as const)('The wildcard passes with credentials mode %s', (mode) => {
    expect(check(mode, '*', null)).toMatchObject({ rule: 'allowed', step: 'CORS check, step 3' });
  });

  it('The wildcard fails with credentials mode include, even if credentials are allowed', () => {
    const expected = {
      rule: 'allow-origin-wildcard-with-credentials',
      header: 'Access-Control-Allow-Origin',
    };
    expect(check('include', '*')).toMatchObject(expected);
  });
});

describe('Access-Control-Allow-Credentials', () => {
  it.each(['true', ' true '])('Access-Control-Allow-Credentials %j allows credentials', (value) => {
    expect(check('include', page, value)).toMatchObject({ rule: 'allowed', step: 'CORS check, step 7' });
  });

  it.each([null, '', 'TRUE', 'True', 'tRUE', 'false', '1', 'yes', '*', 'true, true', 'true;', page])(
    'Access-Control-Allow-Credentials %j does not allow credentials.',
    (value) => {
      const expected = { rule: 'allow-credentials', header: 'Access-Control-Allow-Credentials' };
      expect(check('include', page, value)).toMatchObject(expected);
    },
  );

  it.each(['omit', 'same-origin'] as const)(
    'Allow-Credentials does not matter with credentials mode %s.',
    (mode) => {
      for (const value of [null, 'TRUE', 'false', '*']) {
        expect(check(mode, page, value)).toMatchObject({ rule: 'allowed', step: 'CORS check, step 5' });
      }
    },
  );
});

it('The reason quotes the actual values', () => {
  const because = "The response allows http://a, but the page's origin is http://lab.example.localhost:4010";
  expect(check('omit', 'http://a').because).toBe(because);
  expect(check('omit', '').because).toContain('The response allows an empty value, but');
  expect(check('include', page, 'TRUE').because).toContain('has TRUE, but the request includes credentials');
});
