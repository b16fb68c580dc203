import { describe, expect, it } from 'vitest';
import { AddressRanges, rangeFault } from './address-ranges.ts';

describe('a range of addresses', () => {
  it.each([
    ['10.0.0.7', '10.0.0.7', '10.0.0.8'],
    ['10.1.0.0/16', '10.1.255.255', '10.2.0.0'],
    ['10.0.0.0/9', '10.127.255.255', '10.128.0.0'],
    ['10.0.0.6/31', '10.0.0.7', '10.0.0.8'],
    ['::1', '::1', '::2'],
    ['fd00:12::/32', 'fd00:12:ffff::1', 'fd00:13::1'],
    ['2001:db8::/29', '2001:dbf::1', '2001:dc0::1'],
  ])('%s holds %s and not %s', (entry, inside, outside) => {
    const ranges = new AddressRanges([entry]);
    expect(rangeFault(entry)).toBeNull();
    expect([ranges.includes(inside), ranges.includes(outside)]).toEqual([true, false]);
  });

  it('of IPv4 holds its addresses in the notation of IPv6 too, as sockets that listen on both give them', () => {
    const ranges = new AddressRanges(['10.1.0.0/16']);
    expect(ranges.includes('::ffff:10.1.0.7')).toBe(true);
    expect(ranges.includes('::FFFF:0a01:0007')).toBe(true);
    expect(ranges.includes('::ffff:10.2.0.7')).toBe(false);
    expect(ranges.includes('a01:7::')).toBe(false);
  });

  it.each([undefined, '', 'unknown', '10.1.0.7:80', '10.1.0.7, 10.1.0.8', '10.1.7', '0x0a010007'])(
    'holds no %j',
    (text) => expect(new AddressRanges(['10.0.0.0/8']).includes(text)).toBe(false),
  );

  it('that is none holds nothing', () => {
    expect(new AddressRanges([]).includes('127.0.0.1')).toBe(false);
  });
});

describe('an entry', () => {
  it.each([
    'localhost',
    'loopback',
    'uniquelocal',
    '*',
    'true',
    '1',
    '',
    '10.0.0',
    '010.0.0.1',
    '10.0.0.1:80',
    '[::1]',
    'FD00::1',
    'fd00:0::1',
    'fe80::1%eth0',
    '10.0.0.1 10.0.0.2',
  ])('%j is no address', (entry) => expect(rangeFault(entry)).toMatch('is no IP address'));

  it.each([
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    'fd00::/129',
  ])('%s is no network', (entry) => expect(rangeFault(entry)).toMatch('has no number of bits'));

  it.each(['0.0.0.0/0', '::/0', '10.0.0.0/7', '128.0.0.0/1', '2000::/3', 'fc00::/6'])(
    '%s would trust strangers',
    (entry) => expect(rangeFault(entry)).toMatch('it would trust strangers'),
  );

  it.each(['::ffff:10.0.0.1', '::ffff:0.0.0.0/96', '::ffff:128.0.0.0/97', '::/16', '::1/64', '1::/8'])(
    '%s hides IPv4 in IPv6',
    (entry) => expect(rangeFault(entry)).toMatch('write it as IPv4'),
  );
});
