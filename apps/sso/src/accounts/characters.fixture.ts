/** Unassigned or for private use: they have neither case nor a compatible form, and are visible. */
const PLAIN = /(?!\p{Default_Ignorable_Code_Point})[\p{Cn}\p{Co}]/u;

/** Every code point that could change when a username is normalized, lone surrogates included. */
export function* everyCharacter(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (!PLAIN.test(character)) yield character;
  }
}
