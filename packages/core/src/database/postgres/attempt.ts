/** One attempt to run work by a deadline, and the error that its caller gets when it fails. */
import { describeError, HttpProblem } from '../../problem/http-problem.ts';
import { REQUEST_LIMITS, type TimeLimits } from './time-limits.ts';
import { unavailable } from './unavailability.ts';

export class Attempt {
  readonly deadlineAtMs: number;
  readonly limits: TimeLimits;
  /** Once COMMIT is sent, a lost connection leaves it unknown whether the changes were made. */
  isCommitSent = false;
  #isOver = false;

  /** @param deadlineAtMs a time of `performance.now()` */
  constructor(deadlineAtMs: number, limits: TimeLimits = REQUEST_LIMITS) {
    this.deadlineAtMs = deadlineAtMs;
    this.limits = limits;
  }

  /** @throws {HttpProblem} `unavailable` once the time is up */
  requireTime(): void {
    if (this.#isOver || performance.now() >= this.deadlineAtMs) throw this.toLateError();
  }

  /** Ends the attempt: a timer may fire before the deadline, and the work mustn't go on after its caller. */
  end(): Error {
    this.#isOver = true;
    return this.toLateError();
  }

  toLateError(): Error {
    return this.toOutcome(unavailable('the database did not answer in time'));
  }

  /** Adds to the reason for the log that the outcome is unknown. Any other error is the server's answer. */
  toOutcome<Failure>(error: Failure): Failure | HttpProblem {
    if (!this.isCommitSent || !(error instanceof HttpProblem)) return error;
    return unavailable(`the outcome of COMMIT is unknown: ${describeError(error)}`);
  }
}
