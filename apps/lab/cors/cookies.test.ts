import { expect, it } from 'vitest';
import { findCookies } from './cookies.ts';

const [all, none, anotherSites] = [
  'sent sent sent',
  'withheld withheld withheld',
  'withheld withheld varies',
];

it.each([
  ['same-origin', 'omit', none],
  ['same-origin', 'same-origin', all],
  ['same-origin', 'include', all],
  ['same-site', 'omit', none],
  ['same-site', 'same-origin', none],
  ['same-site', 'include', all],
  ['cross-site', 'omit', none],
  ['cross-site', 'same-origin', none],
  ['cross-site', 'include', anotherSites],
] as const)(
  'With a %s target and credentials mode %s, the Strict, Lax and None cookies are %s.',
  (target, credentials, travel) => {
    const { strict, lax, none } = findCookies({ target, credentials });
    expect(`${strict} ${lax} ${none}`).toBe(travel);
  },
);
