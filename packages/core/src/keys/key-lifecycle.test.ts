import { describe, expect, it } from 'vitest';
import { withStates } from './key-lifecycle.ts';
import { createKeyPair } from './key-pair.ts';
import type { Key } from './stored-key.ts';

const SECOND_MS = 1000;
const START = Date.parse('2026-11-22T12:00:00Z');
const pair = await createKeyPair();
const key = (activeFrom: number): Key => ({ ...pair, createdAt: START, activeFrom });
/** The older signs from the start, the newer 305 s later; what they sign lives 30 s. */
const KEYS = [key(START + 305 * SECOND_MS), key(START)];
const statesAt = (now: number, keys = KEYS) => withStates(keys, now, 30).map(({ state }) => state);

describe('the lifecycle of keys', () => {
  it.each([
    ['when the newer is published', 0, ['next', 'signing']],
    ['just before the newer signs', 305 * SECOND_MS - 1, ['next', 'signing']],
    ['when the newer signs', 305 * SECOND_MS, ['signing', 'retiring']],
    ['while a token of the older may live, and clocks differ', 340 * SECOND_MS - 1, ['signing', 'retiring']],
    ['when no token of the older can be valid', 340 * SECOND_MS, ['signing', 'retired']],
    ['when the clock was set back to before both', -SECOND_MS, ['next', 'signing']],
  ])('%s', (_when, after, states) => {
    expect(statesAt(START + after)).toEqual(states);
  });

  it('says when a key leaves the published list as soon as it has a successor', () => {
    const [newer, older] = withStates(KEYS, START, 30);
    expect(newer?.publishedUntil).toBeNull();
    expect(older?.publishedUntil).toBe(START + 340 * SECOND_MS);
  });

  it('lets the newer of two keys sign if both become active at the same time', () => {
    expect(statesAt(START, [key(START), key(START)])).toEqual(['signing', 'retiring']);
  });

  it('lets the newest key sign, even if an older one would become active later', () => {
    expect(statesAt(START, [key(START), key(START + SECOND_MS)])).toEqual(['signing', 'retiring']);
  });
});
