/** What a comparison has started. It is stopped when the comparison ends, even if it fails. */

const stops: (() => Promise<void> | void)[] = [];

export function stopAfterComparison(stop: () => Promise<void> | void): void {
  stops.push(stop);
}

export async function stopAll(): Promise<void> {
  await Promise.allSettled(stops.splice(0).map((stop) => stop()));
}
