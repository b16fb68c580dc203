import { expect, it } from 'vitest';
import { fields } from './exchange.fixture.ts';
import { explainSecrets } from './secrets.ts';

const message = (members: Partial<Parameters<typeof explainSecrets>[0]>) =>
  explainSecrets({ fields: [], body: null, tokens: [], ...members });

it('A message without secrets needs no explanation', () => {
  expect(message({ body: '{"request":"login status"}', fields: fields({ Origin: 'http://x' }) })).toEqual([]);
});

it('The explanation names a hidden password, in JSON and in a form', () => {
  for (const body of ['{"username":"ada","password":"(hidden)"}', 'username=ada&password=(hidden)']) {
    expect(message({ body })).toEqual([expect.stringMatching(/^The password is hidden entirely/)]);
  }
});

it('The explanation doesn’t call the code of a problem a secret', () => {
  expect(message({ body: '{"status":403,"code":"origin-not-allowed"}' })).toEqual([]);
});

it('The explanation mentions other hidden members, or a whole hidden body', () => {
  expect(message({ body: '{"(1 more)":"(hidden)"}' })).toEqual([expect.stringMatching(/^Members that/)]);
  expect(message({ body: '(hidden)' })).toEqual([expect.stringMatching(/^The body is neither/)]);
});

it('The explanation mentions shortened cookies, tokens and credentials, but no deleted cookie', () => {
  const token = { member: 'token', header: {}, claims: {}, signature: 'valid' as const };
  expect(message({ fields: fields({ cookie: '__Host-sso=abcdef…' }) })).toEqual([
    expect.stringMatching(/^Of a session cookie/),
  ]);
  expect(message({ fields: fields({ 'Set-Cookie': '__Host-sso=; Max-Age=0' }) })).toEqual([]);
  expect(message({ tokens: [token] })).toEqual([expect.stringMatching(/but not its signature/)]);
  expect(message({ fields: fields({ Authorization: 'Bearer (hidden)' }) })).toHaveLength(1);
});
