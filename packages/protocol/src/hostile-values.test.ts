/** Values at the edges of the schemas, and values that aren't what they seem to be. */
import * as v from 'valibot';
import { expect, it } from 'vitest';
import {
  Account,
  AuthenticationTokenResponse,
  CrossOriginRequest,
  EndSessionQuery,
} from './page-requests.ts';
import { Problem, problem } from './problems.ts';
import {
  ActiveToken,
  AuthenticationTokenClaims,
  ClientAssertionClaims,
  IntrospectionRequest,
  LOGOUT_EVENT,
  LogoutTokenClaims,
} from './server-requests.ts';

const account = { id: 'a1', username: 'ada', displayName: 'Ada Lovelace' };
const login = { request: 'login', username: 'ada', password: 'x' };
const token = { token: 'a.b.c', expiresIn: 30 };
const assertion = { iss: 'https://foo.example', sub: 'https://foo.example', jti: 'j', exp: 1.5, aud: 'sso' };
const claims = { iss: 'sso', aud: 'foo', sub: 'a1', sid: 's1', jti: 'j1', iat: 1, exp: 31 };
const signIn = { groups: ['staff'], auth_time: 1, amr: ['pwd'] };
const active = { active: true, ...claims, username: 'ada', name: 'Ada', session_exp: 60, ...signIn };
const logout = { ...claims, events: { [LOGOUT_EVENT]: {} } };
const form = {
  token: 'a.b.c',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: 'd.e.f',
};

/** As `JSON.parse` returns it: a member of its own, and not the prototype. */
const withProto = (value: object, proto: string) =>
  JSON.parse(`${JSON.stringify(value).slice(0, -1)},"__proto__":${proto}}`);
/** As a form parser returns it. */
const withoutPrototype = (value: object) => Object.assign(Object.create(null), value);

it.each([
  [
    'an account with a name of 128 emoji, 256 UTF-16 units',
    Account,
    { ...account, displayName: '😀'.repeat(128) },
  ],
  [
    'an account with a name of 128 lone surrogates',
    Account,
    { ...account, displayName: '\ud83d'.repeat(128) },
  ],
  ['an account with an id of one emoji', Account, { ...account, id: '😀' }],
  ['a request without a prototype', CrossOriginRequest, withoutPrototype(login)],
  ['a query without members', EndSessionQuery, withoutPrototype({})],
  ['a lifetime of 30.0', AuthenticationTokenResponse, { ...token, expiresIn: 30.0 }],
  ['a lifetime beyond the safe integers', AuthenticationTokenResponse, { ...token, expiresIn: 1e21 }],
  ['a time of minus zero', AuthenticationTokenClaims, { ...claims, iat: -0 }],
  ['the largest safe integer as a time', AuthenticationTokenClaims, { ...claims, exp: 2 ** 53 - 1 }],
  ['claims with other members', AuthenticationTokenClaims, { ...claims, nonce: 1, toString: 2 }],
  ['claims with a member __proto__', AuthenticationTokenClaims, withProto(claims, '{"sub":1}')],
  ['an assertion that expires at a fraction of a second', ClientAssertionClaims, assertion],
  ['an assertion for one audience in a list', ClientAssertionClaims, { ...assertion, aud: ['sso'] }],
  ['a form with a field __proto__', IntrospectionRequest, withProto(withoutPrototype(form), '"x"')],
  [
    'a logout token with members in its event',
    LogoutTokenClaims,
    { ...logout, events: { [LOGOUT_EVENT]: { a: 1 } } },
  ],
  [
    'a logout token with another event, too',
    LogoutTokenClaims,
    { ...logout, events: { ...logout.events, b: 2 } },
  ],
])('the protocol accepts %s', (_what, schema, value) => {
  expect(v.is(schema, value)).toBe(true);
});

it.each([
  ['an account with a name of 129 emoji', Account, { ...account, displayName: '😀'.repeat(129) }],
  ['an account with an empty name', Account, { ...account, displayName: '' }],
  ['an account with a member __proto__', Account, withProto(account, '{}')],
  ['an account whose id is a String object', Account, { ...account, id: new String('a1') }],
  ['a request with a member __proto__', CrossOriginRequest, withProto(login, '{"request":"logout"}')],
  [
    'a request whose members are in __proto__',
    CrossOriginRequest,
    withProto({ a: 1 }, '{"request":"logout"}'),
  ],
  ['a request with a member constructor', CrossOriginRequest, { request: 'logout', constructor: {} }],
  ['a request with a member hasOwnProperty', CrossOriginRequest, { request: 'logout', hasOwnProperty: 1 }],
  ['a request that is a list', CrossOriginRequest, ['logout']],
  ['a request named by a list', CrossOriginRequest, { request: ['logout'] }],
  ['a request named toString', CrossOriginRequest, { request: 'toString' }],
  ['the members of two requests', CrossOriginRequest, { ...login, request: 'logout' }],
  ['a query with a scope twice', EndSessionQuery, { scope: ['site', 'site'] }],
  ['a query with an empty scope', EndSessionQuery, { scope: '' }],
  ['a query with a scope that is null', EndSessionQuery, { scope: null }],
  ['a query that is a list', EndSessionQuery, []],
  ['a lifetime as text', AuthenticationTokenResponse, { ...token, expiresIn: '30' }],
  ['an infinite lifetime', AuthenticationTokenResponse, { ...token, expiresIn: Number.POSITIVE_INFINITY }],
  ['a time beyond the safe integers', AuthenticationTokenClaims, { ...claims, exp: 2 ** 53 }],
  ['a negative time', AuthenticationTokenClaims, { ...claims, iat: -1 }],
  ['claims that are a list', AuthenticationTokenClaims, Object.values(claims)],
  ['an assertion that never expires', ClientAssertionClaims, { ...assertion, exp: Number.POSITIVE_INFINITY }],
  ['an assertion whose `exp` is NaN', ClientAssertionClaims, { ...assertion, exp: Number.NaN }],
  ['an assertion without an audience', ClientAssertionClaims, { ...assertion, aud: [] }],
  ['an assertion for two audiences', ClientAssertionClaims, { ...assertion, aud: ['sso', 'other'] }],
  ['an assertion whose audience is a number', ClientAssertionClaims, { ...assertion, aud: [1] }],
  ['a form with a field twice', IntrospectionRequest, { ...form, token: ['a.b.c', 'a.b.c'] }],
  ['a form with client_id twice', IntrospectionRequest, { ...form, client_id: ['a', 'b'] }],
  ['a token whose `active` is a string', ActiveToken, { ...active, active: 'true' }],
  ['a token whose `active` is a number', ActiveToken, { ...active, active: 1 }],
  ['a logout token whose events are a list', LogoutTokenClaims, { ...logout, events: [LOGOUT_EVENT] }],
  [
    'a logout token whose event is an empty list',
    LogoutTokenClaims,
    { ...logout, events: { [LOGOUT_EVENT]: [] } },
  ],
  ['a logout token whose event is null', LogoutTokenClaims, { ...logout, events: { [LOGOUT_EVENT]: null } }],
  ['a logout token with a nonce', LogoutTokenClaims, { ...logout, nonce: '' }],
  ['a logout token with a nonce that is null', LogoutTokenClaims, { ...logout, nonce: null }],
  ['a problem with a status of 600', Problem, { ...problem('not-found'), status: 600 }],
  ['a problem with its code in a list', Problem, { ...problem('not-found'), code: ['not-found'] }],
])('the protocol refuses %s', (_what, schema, value) => {
  expect(v.is(schema, value)).toBe(false);
});
