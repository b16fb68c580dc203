/** The words for switches and requests. */
import { expect, it } from 'vitest';
import { get, jsonPost, rightPolicy } from '../../../experiments/right-policy.ts';
import { describeRequest, describeValue, SWITCH_NAMES, toSwitches } from './switches.ts';

it('Every member of a request and a policy is a switch with a name', () => {
  const names = toSwitches({ request: get, policy: rightPolicy('http://lab.example.localhost:4010') }).keys();
  expect([...names].toSorted()).toEqual(Object.keys(SWITCH_NAMES).toSorted());
});

it.each([
  [{ rule: 'none' }, 'not sent'],
  [{ rule: 'fixed', value: '*' }, '*'],
  [{ rule: 'exact', value: 'http://a' }, 'the request’s Origin if it is http://a'],
  [{ rule: 'reflect' }, 'any request’s Origin'],
  [{ rule: 'prefix', value: 'http://a' }, 'the request’s Origin if it starts with http://a'],
  [{ rule: 'suffix', value: '.a' }, 'the request’s Origin if it ends with .a'],
] as const)('The rule %j reads "%s".', (allowOrigin, text) => {
  expect(describeValue('allowOrigin', allowOrigin)).toBe(text);
});

it.each([
  ['headers', [], 'no headers'],
  [
    'headers',
    [
      ['A', '1'],
      ['B', '2'],
    ],
    'A: 1, B: 2',
  ],
  ['body', null, 'no body'],
  ['body', 'a=b', 'a=b'],
  ['vary', null, 'not sent'],
  ['vary', 'Origin', 'Origin'],
  ['hasSharedCache', false, 'no'],
  ['response.hasPolicy', true, 'with the policy'],
  ['preflight.status', 204, '204'],
] as const)('The switch %s with %j reads "%s".', (name, value, text) => {
  expect(describeValue(name, value)).toBe(text);
});

it.each([
  [get, 'GET to another origin of the same site, with credentials'],
  [jsonPost, 'POST to another origin of the same site, with credentials, Content-Type: application/json'],
  [
    { ...get, target: 'cross-site', mode: 'no-cors', credentials: 'omit' },
    'GET to another site, mode no-cors, without credentials',
  ],
  [{ ...get, credentials: 'same-origin' }, 'GET to another origin of the same site, without credentials'],
  [
    { ...get, target: 'same-origin', credentials: 'same-origin' },
    'GET to the page’s own origin, with credentials',
  ],
] as const)('The request %j reads "%s".', (request, text) => {
  expect(describeRequest({ ...request, headers: [...request.headers] })).toBe(text);
});
