/**
 * A clock on the wall that is wrong, for a real process: Node loads this file before the program, and `Date` is off by as
 * much as a file says, read anew at SIGUSR2. What no clock can set back, `performance.now()`, goes on as it is.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env['FALSE_CLOCK'] ?? '';
const TrueDate = Date;
let offset = 0;

const now = () => TrueDate.now() + offset;
const look = () => {
  offset = Number(readFileSync(file, 'utf8'));
  writeFileSync(`${file}.seen`, String(offset));
};

globalThis.Date = new Proxy(TrueDate, {
  construct: (date, [first = now(), ...rest]) => Reflect.construct(date, [first, ...rest]),
  get: (date, name) => (name === 'now' ? now : Reflect.get(date, name)),
});
process.on('SIGUSR2', look);
look();
