/** Generates requests and policies that are right except for a few members. */
import fc from 'fast-check';
import type { ExperimentRequest } from './experiment-request.ts';
import type { AllowOrigin, ExperimentStep, Policy } from './policy.ts';
import { page, rightPolicy, simpleRequest } from './step.fixture.ts';

const { constantFrom } = fc;

const originValue = fc.oneof(
  {
    weight: 4,
    arbitrary: constantFrom(page, '*', '', `${page}/`, `${page}, *`, page.toUpperCase(), 'http://b'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 40 }) },
);

const allowOrigin: fc.Arbitrary<AllowOrigin> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ rule: fc.constant('fixed' as const), value: originValue }) },
  {
    weight: 1,
    arbitrary: fc.record({ rule: constantFrom('exact', 'prefix', 'suffix'), value: originValue }),
  },
  { weight: 1, arbitrary: constantFrom<AllowOrigin>({ rule: 'none' }, { rule: 'reflect' }) },
);

/** Null, a likely value, or anything printable. */
const header = (...values: readonly string[]) =>
  fc.oneof(fc.constant(null), constantFrom(...values), fc.string({ unit: 'grapheme-ascii', maxLength: 20 }));

/** Changes at most three members: if all were wrong, the first error would hide the others. */
function changeSome<Value extends object>(
  value: Value,
  members: { [Key in keyof Value]: fc.Arbitrary<Value[Key]> },
): fc.Arbitrary<Value> {
  const names = fc.subarray(Object.keys(members), { maxLength: 3 });
  return fc.tuple(fc.record(members), names).map(([changed, changedNames]) => {
    const changes = Object.entries(changed).filter(([name]) => changedNames.includes(name));
    return { ...value, ...Object.fromEntries(changes) };
  });
}

const policy = changeSome<Policy>(rightPolicy, {
  allowOrigin,
  allowCredentials: header('TRUE', ' true ', 'false'),
  allowMethods: header('*', 'PUT', 'put', 'patch'),
  allowHeaders: header('*', 'content-type, authorization, x-test', 'x-test;'),
  maxAge: header('0', '600', '-1'),
  exposeHeaders: header('*', 'X-Lab-Run'),
  timingAllowOrigin: header('*', page),
  vary: header('Origin', '*', 'Cookie'),
  preflight: fc.record({ status: constantFrom(200, 204, 301, 401, 404, 500), hasPolicy: fc.boolean() }),
  response: fc.record({ status: constantFrom(200, 401, 500), hasPolicy: fc.boolean() }),
  hasSharedCache: fc.boolean(),
});

const headerValue = fc.oneof(
  constantFrom('application/json', 'text/plain', 'bytes=0-1'),
  fc.string({ unit: 'grapheme-ascii' }),
);
const headerName = constantFrom(
  'X-Test',
  'Content-Type',
  'Authorization',
  'Accept',
  'Range',
  'Cookie',
  'User-Agent',
);

const request = changeSome<ExperimentRequest>(simpleRequest, {
  target: constantFrom('same-origin', 'same-site', 'cross-site'),
  method: constantFrom('GET', 'POST', 'HEAD', 'PUT', 'put', 'patch', 'DELETE', 'OPTIONS', 'TRACE'),
  mode: constantFrom('cors', 'no-cors', 'same-origin'),
  credentials: constantFrom('omit', 'same-origin', 'include'),
  headers: fc.array(fc.tuple(headerName, headerValue), { maxLength: 3 }),
  body: fc.option(fc.string()),
});

export const anyStep: fc.Arbitrary<ExperimentStep> = fc.record({ request, policy });

/** Requests in sequence. */
export const manySteps = fc.array(anyStep, { minLength: 1, maxLength: 4 });
