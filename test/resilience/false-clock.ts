/**
 * A wrong wall clock for a real process: Node loads this file before the program. `Date` differs from the
 * true time by the milliseconds in a file, which is read again on SIGUSR2. The monotonic `performance.now()`
 * isn't changed.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env['FALSE_CLOCK'] ?? '';
const TrueDate = Date;
let offsetMs = 0;

const now = () => TrueDate.now() + offsetMs;
const readOffset = () => {
  offsetMs = Number(readFileSync(file, 'utf8'));
  writeFileSync(`${file}.seen`, String(offsetMs));
};

globalThis.Date = new Proxy(TrueDate, {
  construct: (date, [first = now(), ...rest]) => Reflect.construct(date, [first, ...rest]),
  get: (date, name) => (name === 'now' ? now : Reflect.get(date, name)),
});
process.on('SIGUSR2', readOffset);
readOffset();
