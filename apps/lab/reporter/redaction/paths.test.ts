import { expect, it } from 'vitest';
import { redactTarget } from './paths.ts';

const SID = '01a22884-5428-794b-9cd5-43c34a797ae2';

it.each([
  ['/', undefined, '/'],
  ['/.well-known/jwks.json', undefined, '/.well-known/jwks.json'],
  ['/session?scope=site', '/session', '/session?scope=site'],
  ['/session?scope=hush', '/session', '/session?(hidden)'],
  ['/session?hush&redirected&token=hush', '/session', '/session?(hidden)&redirected'],
  ['/session?scope=site?hush', '/session', '/session?(hidden)'],
  ['/session?', '/session', '/session?(hidden)'],
  ['/account/password', '/account/password', '/account/password'],
  [`/account/sessions/${SID}`, '/account/sessions/:sid', `/account/sessions/${SID}`],
  ['/account/sessions/hush', '/account/sessions/:sid', '/account/sessions/:sid'],
  [`/invitations/${SID}`, '/invitations/:secret', '/invitations/:secret'],
  ['/hush', undefined, '/(hidden)'],
  ['/files/hush', '/files/*', '/(hidden)'],
  ['*', undefined, '/(hidden)'],
])('the target %s of the route %s is shown as %s', (target, route, shown) => {
  expect(redactTarget(target, route)).toBe(shown);
});
