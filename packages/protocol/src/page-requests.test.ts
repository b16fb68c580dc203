import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  AuthenticationTokenRequest,
  AuthenticationTokenResponse,
  CrossOriginRequest,
  CrossOriginResponse,
  LoginRequest,
  LoginStatusRequest,
  LoginStatusResponse,
  LogoutRequest,
  PasskeyChallengeRequest,
  PasskeyLoginRequest,
  SessionResponse,
  StartSessionRequest,
} from './page-requests.ts';

const login = { request: 'login', username: 'ada', password: 'correct horse battery staple' };
const account = { id: 'a1', username: 'ada', displayName: 'Ada Lovelace' };
const response = { clientDataJSON: 'e30', authenticatorData: 'AA', signature: '_-8', userHandle: 'AA' };
const credential = { id: 'A-_9', rawId: 'A-_9', type: 'public-key', response };

/** Each cross-origin request of the protocol with its own schema. */
const REQUESTS: [name: string, schema: v.GenericSchema, example: Record<string, unknown>][] = [
  ['login status', LoginStatusRequest, { request: 'login status' }],
  ['authentication token', AuthenticationTokenRequest, { request: 'authentication token' }],
  ['login', LoginRequest, login],
  ['passkey challenge', PasskeyChallengeRequest, { request: 'passkey challenge' }],
  ['passkey login', PasskeyLoginRequest, { request: 'passkey login', credential }],
  ['logout', LogoutRequest, { request: 'logout' }],
];

const accepts = (schema: v.GenericSchema, value: unknown) => v.is(schema, value);
const without = (form: object, name: string) =>
  Object.fromEntries(Object.entries(form).filter(([key]) => key !== name));

describe.each(REQUESTS)('the request "%s"', (name, schema, example) => {
  it('is accepted with the members of the protocol', () => {
    expect(accepts(schema, example)).toBe(true);
    expect(accepts(CrossOriginRequest, example)).toBe(true);
  });

  it('is refused with an unknown member', () => {
    for (const extra of [{ origin: 'https://evil.example' }, { aud: 'x' }, { token: 't' }, { toString: 1 }]) {
      expect(accepts(schema, { ...example, ...extra })).toBe(false);
      expect(accepts(CrossOriginRequest, { ...example, ...extra })).toBe(false);
    }
  });

  it.each(Object.keys(example))('is refused without its %s', (member) => {
    expect(accepts(schema, without(example, member))).toBe(false);
    expect(accepts(CrossOriginRequest, without(example, member))).toBe(false);
  });

  it.each(Object.keys(example))('is refused if its %s is empty or has another type', (member) => {
    for (const value of [null, 1, true, {}, [], [example[member]], '']) {
      expect(accepts(schema, { ...example, [member]: value })).toBe(false);
      expect(accepts(CrossOriginRequest, { ...example, [member]: value })).toBe(false);
    }
  });

  it('matches no other request', () => {
    const accepting = REQUESTS.filter(([, other]) => accepts(other, example)).map(([other]) => other);
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
  ])('refuses the request %j', (body) => expect(accepts(CrossOriginRequest, body)).toBe(false));

  it('accepts a password up to the size of a body, so that a long one is wrong and not malformed', () => {
    expect(accepts(LoginRequest, { ...login, password: 'x'.repeat(4096) })).toBe(true);
    expect(accepts(LoginRequest, { ...login, password: 'x'.repeat(4097) })).toBe(false);
  });
});

describe('step 4', () => {
  it('accepts a token and nothing else', () => {
    expect(accepts(StartSessionRequest, { token: 'a.b.c' })).toBe(true);
    for (const body of [{}, { token: 1 }, { token: null }, { token: 'a', sid: 'b' }, 'a.b.c']) {
      expect(accepts(StartSessionRequest, body)).toBe(false);
    }
  });
});

describe('the responses', () => {
  it.each([
    ['step 1', SessionResponse],
    ['step 2', LoginStatusResponse],
  ])('of %s are signed in with an account, or signed out without one', (_step, schema) => {
    expect(accepts(schema, { status: 'signed in', account })).toBe(true);
    expect(accepts(schema, { status: 'signed out' })).toBe(true);
    expect(accepts(schema, { status: 'signed in' })).toBe(false);
    expect(accepts(schema, { status: 'signed out', account })).toBe(false);
    expect(accepts(schema, { status: 'signed in', account: { ...account, passwordHash: 'x' } })).toBe(false);
  });

  it('of step 3 have a token and its lifetime', () => {
    expect(accepts(AuthenticationTokenResponse, { token: 'a.b.c', expiresIn: 30 })).toBe(true);
    expect(accepts(AuthenticationTokenResponse, { token: 'a.b.c' })).toBe(false);
    expect(accepts(AuthenticationTokenResponse, { token: 'a.b.c', expiresIn: 0 })).toBe(false);
  });

  it('of a logout are the same whether or not there was a session', () => {
    expect(accepts(CrossOriginResponse, { status: 'signed out' })).toBe(true);
    expect(accepts(CrossOriginResponse, { status: 'signed out', wasSignedIn: true })).toBe(false);
  });
});

describe('a passkey login', () => {
  const isValid = (value: unknown) =>
    v.is(CrossOriginRequest, { request: 'passkey login', credential: value });

  it('takes what browsers send, and drops the members that the service doesn’t need', () => {
    const sent = {
      ...credential,
      ...{ authenticatorAttachment: 'platform', clientExtensionResults: {} },
      response: { ...response, futureMember: 1 },
    };
    const { output } = v.safeParse(CrossOriginRequest, { request: 'passkey login', credential: sent });
    expect(output).toEqual({ request: 'passkey login', credential });
  });

  it('may have no user handle', () => {
    const { userHandle: _, ...others } = response;
    expect(isValid({ ...credential, response: others })).toBe(true);
    expect(isValid({ ...credential, response: { ...response, userHandle: null } })).toBe(true);
  });

  it('may have an id of 1023 bytes, the maximum of the standard', () => {
    const id = 'A'.repeat(1364);
    expect(isValid({ ...credential, id, rawId: id })).toBe(true);
  });

  it.each([
    ['an id that isn’t base64url', { ...credential, id: 'A+/9' }],
    ['a padded id', { ...credential, id: 'AA==' }],
    ['an id over 1023 bytes', { ...credential, id: 'A'.repeat(1366) }],
    ['another type', { ...credential, type: 'password' }],
    ['no signature', { ...credential, response: { ...response, signature: undefined } }],
    ['too long client data', { ...credential, response: { ...response, clientDataJSON: 'A'.repeat(2049) } }],
    ['a text', 'credential'],
  ])('is refused with %s', (_title, value) => {
    expect(isValid(value)).toBe(false);
  });
});
