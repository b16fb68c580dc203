/**
 * Decides which password is checked next, and which client must come back later. Checks are slow on purpose,
 * so networks share the places: any network may take a free one, and when all are taken, the network with
 * the most jobs gives one up. One client with many connections or IPv6 addresses can't keep others from
 * signing in.
 */
import { availableParallelism } from 'node:os';
import { HttpProblem } from '@samesite-sso/core';
import { findSurplus, forecastTurns, nextInTurn, TURN_MS, type Waiting } from './password-turns.ts';
import { RecentDurations } from './recent-durations.ts';

/**
 * With two or more processors, one stays free for people who are signed in: low priority alone doesn't give
 * it back soon enough (`test/resilience/load.test.ts`).
 */
const MAX_RUNNING = Math.min(2, Math.max(1, availableParallelism() - 1));
/** Jobs that run or wait. */
export const MAX_JOBS = 34;
/**
 * A page gives up after 5 s. If jobs would be done later than this, judging by the duration of recent ones,
 * some are refused as soon as that is predictable.
 */
const DONE_WITHIN_MS = 4500;
/**
 * A job that has waited longer isn't started, however short recent jobs were: the most expensive imported
 * hash takes 1.4 s for each form of the password.
 */
const MAX_WAIT_MS = 3500;
const MAX_RETRY_AFTER_SECONDS = 30;
/** How long the queue remembers that it has served a network: some 15 s of our own checks. */
const REMEMBERED_TURNS = 1000;

interface Job extends Waiting {
  /** By the clock of `performance.now`, as every time here. */
  readonly arrivedAtMs: number;
  start(): Promise<void>;
  refuse(reason: Error): void;
}

interface RunOptions<Result> {
  /** When the request arrived, if earlier than this call. */
  arrivedAtMs?: number;
  /** More work in the same turn, which the caller doesn't wait for. Its failure is ignored. */
  afterwards?: (result: Result) => Promise<void>;
}

export class PasswordQueue {
  /** In the order of arrival. */
  readonly #waiting: Job[] = [];
  /** The running jobs, with their start times. */
  readonly #running = new Map<Job, number>();
  readonly #durations = new RecentDurations();
  /**
   * Each network's last turn. A long check advances it by several turns; a new network starts at the turn
   * before the current one.
   */
  readonly #lastTurns = new Map<string, number>();
  /** The turn in which a network was last served, kept for a while even after its last job is done. */
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
   * @throws {HttpProblem} `overloaded` when the network has to give up a place, or its turn would come too
   *   late
   */
  run<Result>(
    networks: readonly string[],
    work: () => Promise<Result>,
    { arrivedAtMs = performance.now(), afterwards }: RunOptions<Result> = {},
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      const start = async () => {
        const result = await work();
        resolve(result);
        await afterwards?.(result);
      };
      // While the hasher hangs no job ends, but waiting clients must get a response anyway.
      const tooLate = setTimeout(() => this.#makeRoom(), arrivedAtMs + MAX_WAIT_MS - performance.now() + 1);
      const job: Job = {
        networks,
        arrivedAtMs,
        start: () => {
          clearTimeout(tooLate);
          return start();
        },
        refuse: (reason) => {
          clearTimeout(tooLate);
          reject(reason);
        },
      };
      this.#waiting.push(job);
      for (const network of networks) {
        if (!this.#lastTurns.has(network)) this.#lastTurns.set(network, this.#turn - 1);
      }
      this.#startNext();
    });
  }

  /** Refuses all waiting jobs for one reason. */
  refuseWaiting(reason: Error): void {
    for (const job of this.#waiting.splice(0)) job.refuse(reason);
  }

  /** Refuses jobs that are already too late, then surplus jobs until all others can finish in time. */
  #makeRoom(): void {
    const nowMs = performance.now();
    const maxWaitMs = this.#maxWaitMs();
    for (const job of this.#waiting.filter(({ arrivedAtMs }) => nowMs - arrivedAtMs > maxWaitMs)) {
      this.#refuse(job);
    }
    while (this.#waiting.length > 0 && (this.#size() > MAX_JOBS || this.#isAnyLate(nowMs, maxWaitMs))) {
      const surplus = findSurplus(this.#waiting, [...this.#running.keys()], this.#servedTurns);
      if (surplus === undefined) return;
      this.#refuse(surplus);
    }
  }

  /** The number of jobs that run or wait. */
  #size(): number {
    return this.#waiting.length + this.#running.size;
  }

  #isAnyLate(nowMs: number, maxWaitMs: number): boolean {
    const jobMs = this.#durations.medianMs;
    const waitedMs = ({ arrivedAtMs }: Job) => nowMs - arrivedAtMs;
    if (Math.max(...this.#waiting.map(waitedMs)) + this.#size() * jobMs <= maxWaitMs) return false;
    const running = [...this.#running].map(([{ networks }, startedAtMs]) => {
      return { networks, remainingMs: Math.max(0, startedAtMs + jobMs - nowMs) };
    });
    const turns = { lastTurns: this.#lastTurns, turn: this.#turn, maxRunning: this.#maxRunning };
    return forecastTurns({ waiting: this.#waiting, running, ...turns }, jobMs).some(
      ({ job, startsInMs }) => waitedMs(job) + startsInMs > maxWaitMs,
    );
  }

  /** Never 0, so that a job whose turn has come starts and shows whether jobs still take that long. */
  #maxWaitMs(): number {
    return Math.max(TURN_MS, Math.min(MAX_WAIT_MS, DONE_WITHIN_MS - this.#durations.medianMs));
  }

  /**
   * Asks the client to come back when all present jobs are done. When several jobs are refused, earlier
   * refusals get a longer `Retry-After`.
   */
  #refuse(job: Job): void {
    const allDoneInMs = (this.#size() * this.#durations.medianMs) / this.#maxRunning;
    this.#waiting.splice(this.#waiting.indexOf(job), 1);
    const retryAfterSeconds = Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(allDoneInMs / 1000)));
    job.refuse(new HttpProblem('overloaded', { retryAfterSeconds }));
  }

  #startNext(): void {
    this.#makeRoom();
    while (this.#running.size < this.#maxRunning) {
      const busy = new Set([...this.#running.keys()].map(({ networks }) => networks[0]));
      const ready = this.#waiting.filter(({ networks }) => !busy.has(networks[0]));
      const next = nextInTurn(ready, this.#lastTurns);
      if (next === undefined) return;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#start(next);
    }
  }

  #start(job: Job): void {
    const startedAtMs = performance.now();
    this.#running.set(job, startedAtMs);
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
        const durationMs = performance.now() - startedAtMs;
        this.#durations.add(durationMs);
        if (this.#size() === 0) this.#durations.reset();
        const turnsUsed = Math.floor(durationMs / TURN_MS);
        for (const network of job.networks) this.#lastTurns.set(network, turn + turnsUsed);
        this.#forgetIdle();
        this.#startNext();
      });
  }

  /** Forgets networks without jobs, unless that would give them an earlier turn when they come back. */
  #forgetIdle(): void {
    const present = new Set([...this.#waiting, ...this.#running.keys()].flatMap(({ networks }) => networks));
    for (const [network, turn] of this.#lastTurns) {
      if (turn < this.#turn && !present.has(network)) this.#lastTurns.delete(network);
    }
    for (const [network, turn] of this.#servedTurns) {
      if (turn < this.#turn - REMEMBERED_TURNS) this.#servedTurns.delete(network);
    }
  }
}
