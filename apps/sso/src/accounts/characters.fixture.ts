/** Unassigned and private-use code points that are visible: normalization and case mapping keep them. */
const UNCHANGED = /(?!\p{Default_Ignorable_Code_Point})[\p{Cn}\p{Co}]/u;

/** Yields all other code points, lone surrogates included. */
export function* charactersThatMayChange(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (!UNCHANGED.test(character)) yield character;
  }
}
