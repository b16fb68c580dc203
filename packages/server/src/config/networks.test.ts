import { describe, expect, it } from 'vitest';
import { networks } from './networks.ts';

describe('the networks of proxies', () => {
  it('are IP addresses and networks, separated by commas', () => {
    expect(networks('10.1.0.7,10.1.0.0/16, fd00:12::/32')).toEqual([
      '10.1.0.7',
      '10.1.0.0/16',
      'fd00:12::/32',
    ]);
  });

  it.each(['127.0.0.1', '::1', '127.0.0.0/8'])(
    'include both loopback addresses if they include %s',
    (entry) => {
      expect(networks(entry)).toEqual([entry, '127.0.0.1', '::1']);
    },
  );

  it('are refused with every invalid entry named', () => {
    expect(() => networks('localhost,,127.0.0.1,10.0.0.0/33')).toThrow(
      /"localhost" is not .+; "" is not .+; "10\.0\.0\.0\/33" needs /,
    );
    expect(() => networks('10.0.0.1;10.0.0.2')).toThrow('"10.0.0.1;10.0.0.2" is not an IP address');
  });

  it.each([
    'localhost',
    'loopback',
    'uniquelocal',
    '*',
    'true',
    '1',
    '10.0.0',
    '010.0.0.1',
    '10.0.0.1:80',
    '[::1]',
    'FD00::1',
    'fd00:0::1',
    'fe80::1%eth0',
    '10.0.0.1 10.0.0.2',
  ])('don’t include %j, which is not an address', (entry) =>
    expect(() => networks(entry)).toThrow('is not an IP address'),
  );

  it.each([
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    'fd00::/129',
  ])('don’t include %s, which has no valid prefix length', (entry) =>
    expect(() => networks(entry)).toThrow('needs a prefix length'),
  );

  it.each(['0.0.0.0/0', '::/0', '10.0.0.0/7', '128.0.0.0/1', '2000::/3', 'fc00::/6'])(
    'don’t include %s, which is wider than any private network [T-PROXY-03]',
    (entry) => expect(() => networks(entry)).toThrow('it would trust other people'),
  );

  it.each(['::ffff:10.0.0.1', '::ffff:0.0.0.0/96', '::ffff:128.0.0.0/97'])(
    'don’t include %s, which hides IPv4 in IPv6 [T-PROXY-03]',
    (entry) => expect(() => networks(entry)).toThrow('write it as IPv4'),
  );

  it.each(['::/16', '::1/64', '1::/8'])(
    'don’t include %s, which contains IPv4 in IPv6 notation [T-PROXY-03]',
    (entry) => expect(() => networks(entry)).toThrow('write that as IPv4'),
  );
});
