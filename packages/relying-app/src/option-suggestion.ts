/** What was probably meant by a name that no option has. */

/** @returns words that follow the unknown name */
export function suggestOption(unknown: string, names: readonly string[]): string {
  if (unknown === 'prefix') return '; set basePath, or register the plugin in a scope that has the prefix';
  const [nearest] = names
    .map((name) => ({ name, distance: editDistance(unknown.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= name.length / 3)
    .sort((a, b) => a.distance - b.distance);
  return nearest === undefined ? `; there are ${names.join(', ')}` : `; perhaps ${nearest.name} is meant`;
}

/** Levenshtein's: how many letters must be added, removed or replaced. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from.slice(0, 64)].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
