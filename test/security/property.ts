/**
 * Runs random hostile cases, which differ from one test run to the next. The seed is printed; `PROPERTY_SEED`
 * repeats the same cases.
 */
import { randomInt } from 'node:crypto';
import { assert, type IAsyncProperty } from 'fast-check';

/**
 * @param runs number of cases
 * @throws with the smallest case that breaks the property, and its seed
 */
export async function check<Case>(property: IAsyncProperty<Case>, runs = 1000): Promise<void> {
  const seed = Number(process.env['PROPERTY_SEED'] ?? randomInt(2 ** 31));
  console.log(`${runs} cases of seed ${seed}`);
  await assert(property, { seed, numRuns: runs });
}
