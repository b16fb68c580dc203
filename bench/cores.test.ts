import { expect, test } from 'vitest';
import { parseCpuList } from './cores.ts';

test('a list of processors, as Linux writes it, has numbers and ranges', () => {
  expect(parseCpuList('3\n')).toEqual([3]);
  expect(parseCpuList('0-2,5,8-9\n')).toEqual([0, 1, 2, 5, 8, 9]);
});
