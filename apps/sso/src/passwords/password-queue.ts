/**
 * Decides whose password is checked next, and who has to come back later. Checking is slow on purpose, so the
 * places are shared by network: while some are free anyone may have them, and once all are taken the network
 * that has the most gives one up. One client with any number of connections or IPv6 addresses can't keep
 * others from signing in.
 */
import { availableParallelism } from 'node:os';
import { Refusal } from '@samesite-sso/service';

/**
 * With two or more processors, one stays free for people who are signed in: low priority alone doesn't give
 * it back soon enough (`faults/storm.test.ts`).
 */
const MAX_RUNNING = Math.min(2, Math.max(1, availableParallelism() - 1));
/** Jobs that run or wait. */
export const MAX_JOBS = 34;
const RETRY_AFTER_SECONDS = 2;
/**
 * A page gives up after 5 s: what has waited longer would mostly come too late for it. The most expensive
 * imported hash may still do so, at 1.4 s for each form of the password.
 */
const MAX_WAIT_MS = 3500;
/** A longer check, such as that of an expensive imported hash, counts as several turns. */
const TURN_MS = 30;
/** How long the queue remembers that it has served a network: some 15 s of our own checks. */
const REMEMBERED_TURNS = 1000;

interface Job {
  /** Names of the networks that the client belongs to, the widest first. */
  readonly networks: readonly string[];
  /** By the clock of `performance.now`. */
  readonly queuedAtMs: number;
  start(): Promise<void>;
  refuse(reason: Error): void;
}

export class PasswordQueue {
  /** In the order of arrival. */
  readonly #waiting: Job[] = [];
  readonly #running = new Set<Job>();
  /**
   * The last turn of each network with jobs here or with turns used ahead; for a new one, the turn before.
   */
  readonly #lastTurns = new Map<string, number>();
  /** The turn in which a network was last served, also where it has no jobs any more. */
  readonly #servedTurns = new Map<string, number>();
  #turn = 0;
  readonly #maxRunning: number;

  /** @param maxRunning how many jobs run at a time, each of another network */
  constructor(maxRunning = MAX_RUNNING) {
    this.#maxRunning = maxRunning;
  }

  /**
   * Runs work in its network's turn. Jobs of one network (IPv4 address, IPv6 /48) run one at a time, so each
   * sees the failures that the one before has counted.
   *
   * @param networks names of the networks that the client belongs to, the widest first
   * @throws {Refusal} `overloaded` when the network has to give up a place, or its turn doesn't come in time
   */
  run<Result>(networks: readonly string[], work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const start = async () => resolve(await work());
      const job: Job = { networks, queuedAtMs: performance.now(), start, refuse: reject };
      this.#waiting.push(job);
      for (const network of networks) {
        if (!this.#lastTurns.has(network)) this.#lastTurns.set(network, this.#turn - 1);
      }
      if (this.#waiting.length + this.#running.size > MAX_JOBS) this.#refuseSurplus();
      this.#startNext();
    });
  }

  /** Refuses all waiting jobs for one reason. */
  refuseWaiting(reason: Error): void {
    for (const job of this.#waiting.splice(0)) job.refuse(reason);
  }

  /**
   * Refuses the newest waiting job of the network that has the most jobs. In a tie that is the network served
   * last, so that many networks with one job each can't keep out one that has had no turn yet.
   */
  #refuseSurplus(): void {
    let group = [...this.#running, ...this.#waiting].reverse();
    for (let level = 0; group.some(({ networks }) => networks.length > level); level += 1) {
      group = this.#largestGroup(group, level);
    }
    const surplus = group.find((job) => this.#waiting.includes(job));
    if (surplus !== undefined) this.#refuse(surplus);
  }

  #refuse(job: Job): void {
    this.#waiting.splice(this.#waiting.indexOf(job), 1);
    job.refuse(new Refusal('overloaded', { retryAfterSeconds: RETRY_AFTER_SECONDS }));
  }

  #startNext(): void {
    const oldest = performance.now() - MAX_WAIT_MS;
    for (const job of this.#waiting.filter(({ queuedAtMs }) => queuedAtMs < oldest)) this.#refuse(job);
    while (this.#running.size < this.#maxRunning) {
      const busy = new Set([...this.#running].map(({ networks }) => networks[0]));
      const [next] = this.#waiting
        .filter(({ networks }) => !busy.has(networks[0]))
        .sort((one, other) => this.#compareTurns(one, other));
      if (next === undefined) return;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#start(next);
    }
  }

  #start(job: Job): void {
    const startedAtMs = performance.now();
    this.#running.add(job);
    this.#turn += 1;
    const turn = this.#turn;
    for (const network of job.networks) {
      this.#lastTurns.set(network, turn);
      this.#servedTurns.set(network, turn);
    }
    void job
      .start()
      .catch(job.refuse)
      .finally(() => {
        this.#running.delete(job);
        const turnsUsed = Math.floor((performance.now() - startedAtMs) / TURN_MS);
        for (const network of job.networks) this.#lastTurns.set(network, turn + turnsUsed);
        this.#forgetIdle();
        this.#startNext();
      });
  }

  /** Round robin between the widest networks, within each between the next smaller ones, then by arrival. */
  #compareTurns(one: Job, other: Job): number {
    for (const [level, network] of one.networks.entries()) {
      const otherNetwork = other.networks[level] ?? '';
      const difference = this.#lastTurn(network) - this.#lastTurn(otherNetwork);
      if (difference !== 0 || network !== otherNetwork) return difference;
    }
    return 0;
  }

  #lastTurn(network: string): number {
    return this.#lastTurns.get(network) ?? 0;
  }

  /**
   * @returns the jobs of the network that has the most at a level; in a tie, of the one served last, then of
   *   the first job's
   */
  #largestGroup(jobs: readonly Job[], level: number): Job[] {
    const networkOf = ({ networks }: Job) => networks[level] ?? networks[0] ?? '';
    const servedTurnOf = (network: string) => this.#servedTurns.get(network) ?? 0;
    const [largest] = [...Map.groupBy(jobs, networkOf)]
      .filter(([, group]) => group.some((job) => this.#waiting.includes(job)))
      .sort(
        ([one, its], [other, others]) =>
          others.length - its.length || servedTurnOf(other) - servedTurnOf(one),
      );
    return largest?.[1] ?? [];
  }

  /** Forgets networks without jobs, unless that would give them an earlier turn when they come back. */
  #forgetIdle(): void {
    const present = new Set([...this.#waiting, ...this.#running].flatMap(({ networks }) => networks));
    for (const [network, turn] of this.#lastTurns) {
      if (turn < this.#turn && !present.has(network)) this.#lastTurns.delete(network);
    }
    for (const [network, turn] of this.#servedTurns) {
      if (turn < this.#turn - REMEMBERED_TURNS) this.#servedTurns.delete(network);
    }
  }
}
