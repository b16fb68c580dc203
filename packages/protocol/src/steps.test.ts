import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import {
  AuthenticationTokenAnswer,
  AuthenticationTokenRequest,
  CrossOriginAnswer,
  CrossOriginRequest,
  LoginRequest,
  LoginStatusAnswer,
  LoginStatusRequest,
  LogoutRequest,
  SessionAnswer,
  StartSessionRequest,
} from './steps.ts';

const login = { request: 'login', username: 'ada', password: 'correct horse battery staple' };
const account = { id: 'a1', username: 'ada', displayName: 'Ada Lovelace' };

/** Each cross-origin request of the contract with its own schema. */
const REQUESTS: [name: string, schema: TSchema, form: Record<string, string>][] = [
  ['login status', LoginStatusRequest, { request: 'login status' }],
  ['authentication token', AuthenticationTokenRequest, { request: 'authentication token' }],
  ['login', LoginRequest, login],
  ['logout', LogoutRequest, { request: 'logout' }],
];

const accepts = (schema: TSchema, value: unknown) => Compile(schema).Check(value);
const without = (form: object, name: string) =>
  Object.fromEntries(Object.entries(form).filter(([key]) => key !== name));

describe.each(REQUESTS)('the request "%s"', (name, schema, form) => {
  it('is accepted in the form of the contract', () => {
    expect(accepts(schema, form)).toBe(true);
    expect(accepts(CrossOriginRequest, form)).toBe(true);
  });

  it('is refused with a member that it does not know', () => {
    for (const extra of [{ origin: 'https://evil.example' }, { aud: 'x' }, { token: 't' }, { toString: 1 }]) {
      expect(accepts(schema, { ...form, ...extra })).toBe(false);
      expect(accepts(CrossOriginRequest, { ...form, ...extra })).toBe(false);
    }
  });

  it.each(Object.keys(form))('is refused without its %s', (member) => {
    expect(accepts(schema, without(form, member))).toBe(false);
    expect(accepts(CrossOriginRequest, without(form, member))).toBe(false);
  });

  it.each(Object.keys(form))('is refused with a %s that is no text', (member) => {
    for (const value of [null, 1, true, {}, [], [form[member]], '']) {
      expect(accepts(schema, { ...form, [member]: value })).toBe(false);
      expect(accepts(CrossOriginRequest, { ...form, [member]: value })).toBe(false);
    }
  });

  it('is no other request', () => {
    const accepting = REQUESTS.filter(([, other]) => accepts(other, form)).map(([other]) => other);
    expect(accepting).toEqual([name]);
  });
});

describe('the cross-origin endpoint', () => {
  it.each([
    null,
    'login status',
    1,
    [],
    [{ request: 'logout' }],
    {},
    { request: 'Logout' },
    { request: 'logout ' },
  ])('knows no request %j', (body) => expect(accepts(CrossOriginRequest, body)).toBe(false));

  it('takes a password that is too long for wrong, not for malformed, up to what a body can hold', () => {
    expect(accepts(LoginRequest, { ...login, password: 'x'.repeat(4096) })).toBe(true);
    expect(accepts(LoginRequest, { ...login, password: 'x'.repeat(4097) })).toBe(false);
  });
});

describe('step 4', () => {
  it('takes a token and nothing else', () => {
    expect(accepts(StartSessionRequest, { token: 'a.b.c' })).toBe(true);
    for (const body of [{}, { token: 1 }, { token: null }, { token: 'a', sid: 'b' }, 'a.b.c']) {
      expect(accepts(StartSessionRequest, body)).toBe(false);
    }
  });
});

describe('the answers', () => {
  it.each([
    ['step 1', SessionAnswer],
    ['step 2', LoginStatusAnswer],
  ])('of %s are signed in with an account, or signed out without one', (_step, schema) => {
    expect(accepts(schema, { status: 'signed in', account })).toBe(true);
    expect(accepts(schema, { status: 'signed out' })).toBe(true);
    expect(accepts(schema, { status: 'signed in' })).toBe(false);
    expect(accepts(schema, { status: 'signed out', account })).toBe(false);
    expect(accepts(schema, { status: 'signed in', account: { ...account, passwordHash: 'x' } })).toBe(false);
  });

  it('of step 3 are a token and the seconds it lives', () => {
    expect(accepts(AuthenticationTokenAnswer, { token: 'a.b.c', expiresIn: 30 })).toBe(true);
    expect(accepts(AuthenticationTokenAnswer, { token: 'a.b.c' })).toBe(false);
    expect(accepts(AuthenticationTokenAnswer, { token: 'a.b.c', expiresIn: 0 })).toBe(false);
  });

  it('of a logout are the same whether or not a session was there', () => {
    expect(accepts(CrossOriginAnswer, { status: 'signed out' })).toBe(true);
    expect(accepts(CrossOriginAnswer, { status: 'signed out', wasSignedIn: true })).toBe(false);
  });
});
