import { expect, test, vi } from 'vitest';
import { takeInvitationSecret } from './invitation-link.ts';

const ORIGIN = 'http://sso.example.localhost:4000';

/** Opens an address. @returns the secret, and the address that the person sees then */
function open(address: string) {
  const url = new URL(address, ORIGIN);
  const replaced: unknown[][] = [];
  vi.stubGlobal('location', url);
  vi.stubGlobal('history', { state: null, replaceState: (...entry: unknown[]) => replaced.push(entry) });
  return { secret: takeInvitationSecret(), replaced };
}

test('an invitation link loses its secret, and nothing else [T-INVITE-04]', () => {
  expect(open('/#invitation=a-Secret_0')).toEqual({ secret: 'a-Secret_0', replaced: [[null, '', '/']] });
  expect(open('/?utm=x#invitation=s').replaced).toEqual([[null, '', '/?utm=x']]);
});

test.each([
  '/',
  '/#',
  '/#invitation',
  '/#invitation=',
  '/#invitations=s',
  '/#x#invitation=s',
  '/?invitation=s',
])('the address %s isn’t an invitation link, and stays as it is', (address) => {
  expect(open(address)).toEqual({ secret: null, replaced: [] });
});

test('a text of any length or kind is taken, so that the service can refuse it', () => {
  const { secret, replaced } = open(`/#invitation=${'x'.repeat(5000)}`);
  expect(secret).toBe('x'.repeat(128));
  expect(replaced).toHaveLength(1);
  expect(open('/#invitation=<b>&%20').secret).toBe('%3Cb%3E&%20');
});
