/**
 * Runs random hostile cases, which differ from one test run to the next. The seed is printed; `PROPERTY_SEED`
 * repeats the same cases.
 */
import { randomInt } from 'node:crypto';
import { assert, type IAsyncProperty, integer } from 'fast-check';

/** Any character. Unlike fast-check's unit `binary`, it takes no second to prepare. */
export const anyCharacter = integer({ min: 0, max: 0x10ffff })
  .map((code) => String.fromCodePoint(code))
  .filter((character) => character.isWellFormed());

/**
 * @param runs number of cases
 * @throws with the smallest case that breaks the property, and its seed
 */
export async function check<Case>(property: IAsyncProperty<Case>, runs = 100): Promise<void> {
  const seed = Number(process.env['PROPERTY_SEED'] ?? randomInt(2 ** 31));
  console.log(`${runs} cases of seed ${seed}`);
  await assert(property, { seed, numRuns: runs });
}
