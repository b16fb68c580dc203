/** Decides which job of the password queue is next, which one is surplus, and when each will start. */

/** A longer check, such as that of an expensive imported hash, counts as several turns. */
export const TURN_MS = 30;

export interface Waiting {
  /** Names of the networks that the client belongs to, the widest first. */
  readonly networks: readonly string[];
}

/** The last turn of each network. */
type LastTurns = ReadonlyMap<string, number>;

/** Round robin between the widest networks, within each between the next smaller ones, then by arrival. */
export function nextInTurn<Job extends Waiting>(jobs: readonly Job[], lastTurns: LastTurns): Job | undefined {
  return jobs.toSorted((one, other) => compareTurns(one, other, lastTurns))[0];
}

function compareTurns(one: Waiting, other: Waiting, lastTurns: LastTurns): number {
  for (const [level, network] of one.networks.entries()) {
    const otherNetwork = other.networks[level] ?? '';
    const difference = (lastTurns.get(network) ?? 0) - (lastTurns.get(otherNetwork) ?? 0);
    if (difference !== 0 || network !== otherNetwork) return difference;
  }
  return 0;
}

/**
 * Finds the newest waiting job of the network that has the most jobs, at each size of network in turn. In a
 * tie that is the network served last: many networks with one job each can't keep out one that had no turn
 * yet.
 */
export function findSurplus<Job extends Waiting>(
  waiting: readonly Job[],
  running: readonly Job[],
  servedTurns: LastTurns,
): Job | undefined {
  let group = [...running, ...waiting].reverse();
  for (let level = 0; group.some(({ networks }) => networks.length > level); level += 1) {
    const byNetwork = Map.groupBy(group, ({ networks }) => networks[level] ?? networks[0] ?? '');
    const servedTurnOf = (network: string) => servedTurns.get(network) ?? 0;
    const [largest] = [...byNetwork]
      .filter(([, jobs]) => jobs.some((job) => waiting.includes(job)))
      .sort(
        ([one, its], [other, others]) =>
          others.length - its.length || servedTurnOf(other) - servedTurnOf(one),
      );
    group = largest?.[1] ?? [];
  }
  return group.find((job) => waiting.includes(job));
}

interface Queue<Job> {
  waiting: readonly Job[];
  running: readonly (Waiting & { remainingMs: number })[];
  maxRunning: number;
  lastTurns: LastTurns;
  turn: number;
}

/**
 * Simulates the queue, as if every job took equally long.
 *
 * @param jobMs how long a job takes
 * @returns the waiting jobs in the order of their turns, each with the milliseconds until it starts
 */
export function forecastTurns<Job extends Waiting>(
  { waiting, running, maxRunning, lastTurns, turn }: Queue<Job>,
  jobMs: number,
): { job: Job; startsInMs: number }[] {
  const turnsUsed = Math.floor(jobMs / TURN_MS);
  const turns = new Map(lastTurns);
  const lanes = [...running.map(({ remainingMs }) => remainingMs), ...Array<number>(maxRunning).fill(0)];
  lanes.length = maxRunning;
  /** When each of the widest networks is free again: each has one job at a time. */
  const freeInMs = new Map<string, number>();
  for (const { networks, remainingMs } of running) {
    freeInMs.set(networks[0] ?? '', remainingMs);
    for (const network of networks) turns.set(network, (turns.get(network) ?? turn) + turnsUsed);
  }
  const forecast: { job: Job; startsInMs: number }[] = [];
  const rest = [...waiting];
  for (let job = nextInTurn(rest, turns); job !== undefined; job = nextInTurn(rest, turns)) {
    rest.splice(rest.indexOf(job), 1);
    const widest = job.networks[0] ?? '';
    const laneFreeInMs = Math.min(...lanes);
    const startsInMs = Math.max(laneFreeInMs, freeInMs.get(widest) ?? 0);
    forecast.push({ job, startsInMs });
    lanes[lanes.indexOf(laneFreeInMs)] = startsInMs + jobMs;
    freeInMs.set(widest, startsInMs + jobMs);
    for (const network of job.networks) turns.set(network, turn + forecast.length + turnsUsed);
  }
  return forecast;
}
