/** The expectations follow web-platform-tests (fetch/api/cors and cors), in our own words. */
import { describe, expect, it } from 'vitest';
import type { ExperimentRequest } from './experiment-request.ts';
import { checkPreflight } from './preflight.ts';
import { page, prepare, toFields } from './step.fixture.ts';

interface Response {
  status?: number;
  allowOrigin?: string | null;
  methods?: string | null;
  headers?: string | null;
}

function check(request: Partial<ExperimentRequest>, response: Response) {
  const { status = 204, allowOrigin = page, methods = 'PUT', headers = 'x-test' } = response;
  const fields = toFields({
    'Access-Control-Allow-Origin': allowOrigin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Allow-Headers': headers,
  });
  return checkPreflight(prepare({ method: 'PUT', ...request }), { status, fields }, page);
}

const omit = { credentials: 'omit' } as const;
const include = { credentials: 'include' } as const;

describe('the status of the response', () => {
  it.each([200, 201, 204, 206, 299])('A preflight succeeds with the status %i', (status) => {
    expect(check({}, { status }).rule).toBe('allowed');
  });

  it.each([400, 401, 403, 404, 405, 418, 500, 503])(
    'A preflight fails with the status %i, even with the right policy.',
    (status) => {
      expect(check({}, { status })).toMatchObject({
        rule: 'preflight-status',
        step: 'CORS-preflight fetch, step 7',
      });
    },
  );

  it.each([401, 404, 500])(
    'The status %i without a policy is reported as a missing Allow-Origin.',
    (status) => {
      expect(check({}, { status, allowOrigin: null })).toMatchObject({ rule: 'allow-origin-missing' });
    },
  );

  it.each([301, 302, 307, 308])('The status %i is reported as a redirect under any policy', (status) => {
    for (const allowOrigin of [page, null, '*']) {
      expect(check({}, { status, allowOrigin }).rule).toBe('preflight-redirected');
    }
  });

  it('The CORS check of a preflight uses the credentials mode of the request itself', () => {
    expect(check(omit, { allowOrigin: '*' }).rule).toBe('allowed');
    expect(check(include, { allowOrigin: '*' }).rule).toBe('allow-origin-wildcard-with-credentials');
  });
});

describe('Access-Control-Allow-Methods', () => {
  it.each([
    ['PUT', 'PUT'],
    ['put', 'PUT'],
    ['PUT', 'GET, PUT'],
    ['PUT', ' ,PUT ,, DELETE'],
    ['PUT', 'PUT\t,\tGET'],
    ['patch', 'patch'],
    ['Patch', 'PATCH, Patch'],
    ['CHICKEN', 'CHICKEN'],
    ['*', '*'],
    ['GET', null],
    ['HEAD', ''],
    ['POST', 'PUT'],
    ['post', 'put'],
  ])('%s is allowed by %j.', (method, methods) => {
    expect(check({ ...include, method, headers: [['X-Test', '1']] }, { methods }).rule).toBe('allowed');
  });

  it.each([
    ['PUT', null],
    ['PUT', ''],
    ['PUT', ','],
    ['PUT', 'put'],
    ['PUT', 'Put'],
    ['put', 'put'],
    ['PUT', 'GET, POST'],
    ['PUT', 'PUTT'],
    ['PUT', 'PU'],
    ['patch', 'PATCH'],
    ['PATCH', 'patch'],
    ['OPTIONS', 'PUT'],
  ])('%s is not allowed by %j.', (method, methods) => {
    for (const mode of [omit, include]) {
      const finding = check({ ...mode, method }, { methods });
      expect(finding).toMatchObject({ rule: 'allow-methods', step: 'CORS-preflight fetch, step 7.5' });
    }
  });

  it.each(['*', '*, GET', 'GET,*'])(
    'The wildcard in %j allows every method without credentials.',
    (methods) => {
      for (const method of ['PUT', 'patch', 'CHICKEN']) {
        expect(check({ credentials: 'omit', method }, { methods }).rule).toBe('allowed');
        expect(check({ credentials: 'same-origin', method }, { methods }).rule).toBe('allowed');
        expect(check({ credentials: 'include', method }, { methods }).rule).toBe('allow-methods');
      }
    },
  );

  it.each(['PUT GET', 'PUT;', 'PUT, "GET"', 'PUT/GET', 'PUT, (', 'PUT:GET', '@'])(
    '%j is not a list of methods.',
    (methods) => {
      const expected = { rule: 'allow-methods', step: 'CORS-preflight fetch, step 7.3' };
      expect(check(omit, { methods })).toMatchObject(expected);
      expect(check({ method: 'GET', headers: [['X-Test', '']] }, { methods })).toMatchObject(expected);
    },
  );
});

describe('Access-Control-Allow-Headers', () => {
  it.each([
    ['X-Test', 'x-test'],
    ['x-test', 'X-TEST'],
    ['X-Test', 'a, X-Test ,b'],
    ['X-Test', ',,x-test,'],
    ['Authorization', 'authorization'],
    ['Authorization', '*, AUTHORIZATION'],
    ['*', '*'],
    ['Accept', null],
    ['Content-Language', ''],
  ])('%s is allowed by %j.', (name, headers) => {
    for (const mode of [omit, include]) {
      expect(check({ ...mode, headers: [[name, '1']] }, { headers }).rule).toBe('allowed');
    }
  });

  it.each([
    ['X-Test', null],
    ['X-Test', ''],
    ['X-Test', 'x-tes'],
    ['X-Test', 'x-test-1'],
    ['X-Test', 'content-type, authorization'],
    ['Content-Type', 'x-test'],
  ])('%s is not allowed by %j.', (name, headers) => {
    for (const mode of [omit, include]) {
      const finding = check({ ...mode, headers: [[name, 'application/json']] }, { headers });
      expect(finding).toMatchObject({ rule: 'allow-headers', step: 'CORS-preflight fetch, step 7.7' });
    }
  });

  it.each(['*', '*, x-other', 'x-other,*'])(
    'The wildcard in %j allows every header only without credentials.',
    (headers) => {
      const request = {
        headers: [
          ['X-Test', '1'] as [string, string],
          ['Content-Type', 'application/json'] as [string, string],
        ],
      };
      expect(check({ ...request, credentials: 'omit' }, { headers }).rule).toBe('allowed');
      expect(check({ ...request, credentials: 'same-origin' }, { headers }).rule).toBe('allowed');
      expect(check({ ...request, credentials: 'include' }, { headers }).rule).toBe('allow-headers');
    },
  );

  it.each(['omit', 'same-origin', 'include'] as const)(
    'The wildcard never covers Authorization, here with credentials mode %s.',
    (credentials) => {
      const finding = check({ credentials, headers: [['authorization', 'x']] }, { headers: '*' });
      expect(finding).toMatchObject({ rule: 'allow-headers', step: 'CORS-preflight fetch, step 7.6' });
    },
  );

  it.each(['x-test x-b', 'x-test;', '"x-test"', 'x-test, a b', 'x-test: 1', '('])(
    '%j is not a list of header names.',
    (headers) => {
      const expected = { rule: 'allow-headers', step: 'CORS-preflight fetch, step 7.3' };
      expect(check({ ...omit, headers: [['X-Test', '']] }, { headers })).toMatchObject(expected);
      expect(check(omit, { headers })).toMatchObject(expected);
    },
  );

  it('The method is checked before the headers', () => {
    expect(check({ headers: [['X-Other', '']] }, { methods: 'GET' }).rule).toBe('allow-methods');
  });
});

it('The reason names what the preflight asked for and what the response allows', () => {
  expect(check({}, { methods: 'GET, put' }).because).toBe(
    'The preflight asked for the method PUT, but the response allows GET, put, ' +
      'and methods are case-sensitive',
  );
  const authorization = { headers: [['Authorization', 'x'] as [string, string]] };
  expect(check(authorization, { headers: '*' }).because).toMatch(
    /allows \*, and \* never covers authorization$/,
  );
  expect(check(authorization, { headers: 'x-test' }).because).toMatch(/the response allows x-test$/);
  expect(check({}, { methods: null }).because).toContain('the response allows none');
  expect(check({ headers: [['X-Other', '1']] }, { headers: '*' }).because).toBe(
    'The preflight asked for the header x-other, but the response allows *, ' +
      'and * is not a wildcard with credentials',
  );
});
