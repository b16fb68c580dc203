/**
 * Thousands of hostile cases at once. The seed is printed whether they hold or not; `PROPERTY_SEED` set to it makes
 * the very same cases again.
 */
import { randomInt } from 'node:crypto';
import { assert, type IAsyncProperty } from 'fast-check';

/**
 * @param runs how many cases
 * @throws with the smallest case that breaks the property, and its seed
 */
export async function check<Case>(property: IAsyncProperty<Case>, runs = 2000): Promise<void> {
  const seed = Number(process.env['PROPERTY_SEED'] ?? randomInt(2 ** 31));
  console.log(`${runs} cases of seed ${seed}`);
  await assert(property, { seed, numRuns: runs });
}
