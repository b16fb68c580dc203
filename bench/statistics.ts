/** Medians and quartiles. A median ignores the round in which the machine did something else. */

export type Quartiles = { readonly q1: number; readonly median: number; readonly q3: number };

export function quartiles(values: readonly number[]): Quartiles {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => {
    const position = (sorted.length - 1) * share;
    const [below = Number.NaN, above = below] = sorted.slice(Math.floor(position), Math.floor(position) + 2);
    return below + (above - below) * (position % 1);
  };
  return { q1: at(0.25), median: at(0.5), q3: at(0.75) };
}

/** The ratios of values from the same rounds: anything that slows the machine for a while cancels out. */
export function pairedRatios(values: readonly number[], references: readonly number[]): number[] {
  return values.map((value, round) => value / (references[round] ?? Number.NaN));
}
