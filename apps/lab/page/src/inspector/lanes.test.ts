import { expect, it } from 'vitest';
import { exchangeAt, origins } from './exchange.fixture.ts';
import { laneOfHost, laneOfOrigin, learnHosts } from './lanes.ts';

it('A server is found by its origin’s host, by its port, and by what it received', () => {
  const hosts = learnHosts(origins, [exchangeAt(0, { reporter: 'lorem', host: 'lorem:80' })]);
  expect(laneOfHost('sso.example.localhost:4000', hosts)).toBe('sso');
  expect(laneOfHost('127.0.0.1:4001', hosts)).toBe('foo');
  expect(laneOfHost('lorem:80', hosts)).toBe('lorem');
  expect(laneOfHost('127.0.0.1:9', hosts)).toBe('elsewhere');
  expect(laneOfHost('127.0.0.1', hosts)).toBe('elsewhere');
});

it('The host of a sent request doesn’t identify a server, since another program may listen there', () => {
  const hosts = learnHosts(origins, [exchangeAt(0, { direction: 'sent', reporter: 'foo', host: 'x:80' })]);
  expect(laneOfHost('x:80', hosts)).toBe('elsewhere');
});

it('Only the demo’s own origins have a lane', () => {
  expect(laneOfOrigin(origins.loremOrigin, origins)).toBe('lorem');
  expect(laneOfOrigin(`${origins.loremOrigin}/`, origins)).toBe('elsewhere');
  expect(laneOfOrigin(undefined, origins)).toBe('elsewhere');
});
