/** Random mutations of good JWSs: in a letter, a stretch, a part, or a claim. */
import {
  type Arbitrary,
  array,
  constantFrom,
  jsonValue,
  nat,
  oneof,
  record,
  string,
  tuple,
} from 'fast-check';
import { encoded } from './create-jws.ts';
import { anyCharacter } from './property.ts';

/** Any text up to a length. */
export const anyText = (maxLength: number): Arbitrary<string> =>
  oneof(
    string({ maxLength, unit: anyCharacter, size: 'max' }),
    string({ maxLength, unit: constantFrom(...'AZaz09-_.=+/ \n'), size: 'max' }),
    array(constantFrom('.', 'eyJhbGciOiJFZERTQSJ9', 'e30', 'AAAA', ''), { maxLength: 8 }).map((parts) =>
      parts.join('.'),
    ),
  );

/** @param good compact JWSs, none of which is generated */
export function mutationOf(good: readonly string[]): Arbitrary<string> {
  const one = constantFrom(...good);
  const position = nat({ max: 600 });
  const letter = oneof(
    constantFrom(...'AZaz09-_.=+/ '),
    string({ unit: anyCharacter, minLength: 1, maxLength: 1 }),
  );
  const parts = good.flatMap((each) => each.split('.'));
  return oneof(
    tuple(one, position, letter).map(([text, at, put]) => spliced(text, at, 1, put)),
    tuple(one, position, letter).map(([text, at, put]) => spliced(text, at, 0, put)),
    tuple(one, position, nat({ max: 80 })).map(([text, at, length]) => spliced(text, at, length + 1, '')),
    tuple(one, position, nat({ max: 2 ** 6 - 1 })).map(([text, at, bits]) => turned(text, at, bits)),
    array(constantFrom(...parts), { minLength: 1, maxLength: 6 }).map((some) => some.join('.')),
    tuple(one, constantFrom(0, 1), record({ name: memberName, value: jsonValue() })).map(
      ([text, part, { name, value }]) => edited(text, part, name, value),
    ),
  ).filter((text) => !good.includes(text));
}

const memberName = oneof(
  constantFrom(...'alg kid typ crit b64 jwk iss sub aud exp iat nbf jti sid'.split(' ')),
  string(),
);

function spliced(text: string, at: number, length: number, put: string): string {
  const start = at % text.length;
  return text.slice(0, start) + put + text.slice(start + length);
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Flips bits of a base64url letter, so that it stays one. */
function turned(text: string, at: number, bits: number): string {
  const start = at % text.length;
  const index = LETTERS.indexOf(text.charAt(start));
  return index === -1 ? spliced(text, start, 1, '') : spliced(text, start, 1, LETTERS.charAt(index ^ bits));
}

/** Sets a member of the header (part 0) or the claims (part 1) and keeps the signature. */
function edited(text: string, part: number, name: string, value: unknown): string {
  const parts = text.split('.');
  const members = JSON.parse(Buffer.from(parts[part] ?? '', 'base64url').toString());
  parts[part] = encoded({ ...members, [name]: value });
  return parts.join('.');
}
