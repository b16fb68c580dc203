/** What a comparison has started. It is stopped when the comparison ends, even if it fails. */

type Stop = () => Promise<void> | void;

const stops: Stop[] = [];
const databaseStops: Stop[] = [];

export function stopAfterComparison(stop: Stop): void {
  stops.push(stop);
}

/** For a database server: it stops after everything that uses it. */
export function stopDatabaseAfterComparison(stop: Stop): void {
  databaseStops.push(stop);
}

export async function stopAll(): Promise<void> {
  for (const group of [stops, databaseStops]) {
    await Promise.allSettled(group.splice(0).map((stop) => stop()));
  }
}
