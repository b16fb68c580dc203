import { expect, test } from 'vitest';
import { clientNetworks, parseNetworks } from './client-networks.ts';

const namesOf = (address: string) => clientNetworks(address).map(({ name }) => name);

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:0201', '192.0.2.1'],
  ['', ''],
])('the client address %s belongs to one network, %s', (address, name) => {
  expect(namesOf(address)).toEqual([name]);
});

test.each([
  ['2001:db8:1:2:3:4:5:6', ['2001:db8:1::/48', '2001:db8:1::/56', '2001:db8:1:2::/64']],
  ['2001:DB8:1:1f2::99', ['2001:db8:1::/48', '2001:db8:1:100::/56', '2001:db8:1:1f2::/64']],
  ['::1', ['::/48', '::/56', '::/64']],
  ['fe80::1%eth0', ['fe80::/48', 'fe80::/56', 'fe80::/64']],
])('the client address %s belongs to three networks, widest first: %s', (address, names) => {
  expect(namesOf(address)).toEqual(names);
});

test('a wider network has higher limits than a /64, but lower than all its /64 networks together', () => {
  expect(clientNetworks('2001:db8::1').map(({ name: _name, ...limits }) => limits)).toEqual([
    { maxFailuresPerAccount: 100, maxFailures: 1200 },
    { maxFailuresPerAccount: 30, maxFailures: 600 },
    { maxFailuresPerAccount: 10, maxFailures: 300 },
  ]);
  expect(clientNetworks('192.0.2.1')).toMatchObject([{ maxFailuresPerAccount: 10, maxFailures: 300 }]);
});

test('configured limits apply to an address and a /64, and wider networks have multiples of them', () => {
  const limits = { maxFailuresPerAccount: 20, maxFailures: 1000 };
  expect(clientNetworks('192.0.2.1', limits)).toEqual([{ name: '192.0.2.1', ...limits }]);
  expect(clientNetworks('2001:db8::1', limits)).toEqual([
    { name: '2001:db8::/48', maxFailuresPerAccount: 200, maxFailures: 4000 },
    { name: '2001:db8::/56', maxFailuresPerAccount: 60, maxFailures: 2000 },
    { name: '2001:db8::/64', ...limits },
  ]);
});

test.each([
  ['192.0.2.1', ['192.0.2.1']],
  ['::ffff:192.0.2.1', ['192.0.2.1']],
  ['2001:DB8::1', ['2001:db8::/48', '2001:db8::/56', '2001:db8::/64']],
  ['2001:db8::/56', ['2001:db8::/56']],
  ['2001:db8:0:0:0::/64', ['2001:db8::/64']],
  ['2001:db8::/40', null],
  ['2001:db8::/', null],
  ['2001:db8::/64/64', null],
  ['::ffff:192.0.2.1/64', null],
  ['5', null],
  ['0x7f.1', null],
  ['127.1', null],
  ['010.0.0.1', null],
  ['192.0.2.1/64', null],
  ['192.0.2.0/24', null],
  ['ada', null],
  ['', null],
])('the operator’s input "%s" means %j', (text, networks) => {
  expect(parseNetworks(text)).toEqual(networks);
});
