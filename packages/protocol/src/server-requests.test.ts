import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { InactiveToken, IntrospectionRequest, IntrospectionResponse } from './server-requests.ts';

const request = {
  token: 'a.b.c',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: 'd.e.f',
};

const active = {
  active: true,
  iss: 'https://sso.example.com',
  aud: 'https://foo.app.example.com',
  sub: 'a1',
  sid: 's1',
  jti: 't1',
  iat: 1_700_000_000,
  exp: 1_700_000_030,
  username: 'ada',
  name: 'Ada Lovelace',
  session_exp: 1_700_043_200,
  groups: ['admins', 'staff'],
  auth_time: 1_699_999_990,
  amr: ['pwd', 'otp', 'mfa'],
};

const accepts = (schema: v.GenericSchema, value: unknown) => v.is(schema, value);
const without = (form: object, name: string) =>
  Object.fromEntries(Object.entries(form).filter(([key]) => key !== name));

describe('the introspection request', () => {
  it('is accepted with the members of the protocol, and other members are ignored (RFC 7662)', () => {
    expect(accepts(IntrospectionRequest, request)).toBe(true);
    expect(accepts(IntrospectionRequest, { ...request, token_type_hint: 'access_token' })).toBe(true);
  });

  it.each(Object.keys(request))('is refused without its %s, or with two of them', (member) => {
    expect(accepts(IntrospectionRequest, without(request, member))).toBe(false);
    expect(accepts(IntrospectionRequest, { ...request, [member]: ['a', 'a'] })).toBe(false);
  });

  it('is refused with another authentication method', () => {
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
    expect(accepts(IntrospectionRequest, { ...request, client_assertion_type })).toBe(false);
  });
});

describe('the introspection response', () => {
  it('has all claims of an active token', () => {
    expect(accepts(IntrospectionResponse, active)).toBe(true);
  });

  it.each(Object.keys(active))('is invalid without %s', (member) => {
    expect(accepts(IntrospectionResponse, without(active, member))).toBe(false);
  });

  it.each(['iat', 'exp', 'session_exp', 'auth_time'])(
    'is invalid if the time %s isn’t a whole number',
    (member) => {
      for (const value of ['1700000000', 1.5, -1, null]) {
        expect(accepts(IntrospectionResponse, { ...active, [member]: value })).toBe(false);
      }
    },
  );

  it('knows three ways to authenticate (RFC 8176), each with all of its methods', () => {
    for (const amr of [['pwd'], ['pwd', 'otp', 'mfa'], ['pop', 'user', 'mfa']]) {
      expect(accepts(IntrospectionResponse, { ...active, amr })).toBe(true);
      expect(accepts(IntrospectionResponse, { ...active, amr: [...amr, 'hwk'] })).toBe(false);
    }
    for (const amr of [[], ['mfa'], ['otp', 'pwd', 'mfa'], ['pwd', 'otp'], 'pwd', [['pwd']]]) {
      expect(accepts(IntrospectionResponse, { ...active, amr })).toBe(false);
    }
  });

  it('names groups by plain names', () => {
    expect(accepts(IntrospectionResponse, { ...active, groups: [] })).toBe(true);
    for (const groups of [['Staff'], [''], ['a b'], ['x'.repeat(64)], 'staff', [7]]) {
      expect(accepts(IntrospectionResponse, { ...active, groups })).toBe(false);
    }
  });

  it('has no member but active for an inactive token', () => {
    expect(accepts(InactiveToken, { active: false })).toBe(true);
    expect(accepts(InactiveToken, { active: false, reason: 'expired' })).toBe(false);
    expect(accepts(IntrospectionResponse, { ...active, active: false })).toBe(false);
    expect(accepts(IntrospectionResponse, { ...active, active: 'true' })).toBe(false);
  });
});
