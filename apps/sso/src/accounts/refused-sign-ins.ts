/**
 * Counts sign-ins that were refused without a password check (429, 503) in memory, and writes the counts to
 * the audit trail in batches. A record per refusal would let anybody fill the disk.
 */
import { HttpProblem } from '@samesite-sso/core';
import type { ProblemCode } from '@samesite-sso/protocol';
import type { AuditKind, AuditStore } from '../storage/stores.ts';
import { toNetworkNames } from './client-networks.ts';

/** At most this many counts by network and reason in a batch. Further networks share one count per reason. */
const MAX_TALLIES = 50;

const KINDS: Partial<Record<ProblemCode, AuditKind>> = {
  'too-many-attempts': 'login throttled',
  overloaded: 'login overloaded',
};

interface Tally {
  kind: AuditKind;
  /** Null for all networks after the first {@link MAX_TALLIES}. */
  network: string | null;
  /** The limit that was reached, if it was a throttle. */
  reason: string | undefined;
  count: number;
}

export class RefusedSignIns {
  readonly #audit: AuditStore;
  readonly #clock: () => number;
  readonly #tallies = new Map<string, Tally>();

  constructor(audit: AuditStore, clock: () => number) {
    this.#audit = audit;
    this.#clock = clock;
  }

  /** Runs a part of a sign-in, and counts it if the throttle or the password queue refuses it. */
  async countRefusal<Result>(address: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.count(error, toNetworkNames(address)[0] ?? address);
      throw error;
    }
  }

  /** Counts a refusal by the throttle or the password queue; ignores any other error. */
  count(error: unknown, network: string): void {
    if (!(error instanceof HttpProblem)) return;
    const kind = KINDS[error.code];
    if (kind === undefined) return;
    const reason = error.logReason;
    const keyFor = (name: string | null) => JSON.stringify([kind, name, reason]);
    const isKept = this.#tallies.has(keyFor(network)) || this.#tallies.size < MAX_TALLIES;
    const own = isKept ? network : null;
    const tally = this.#tallies.get(keyFor(own)) ?? { kind, network: own, reason, count: 0 };
    tally.count += 1;
    this.#tallies.set(keyFor(own), tally);
  }

  /** Writes the counts since the last flush. If that fails, the next flush writes them. */
  async flush(): Promise<void> {
    const written = [...this.#tallies].map(([key, tally]) => ({ key, ...tally }));
    if (written.length === 0) return;
    const at = this.#clock();
    await this.#audit.addAll(
      written.map(({ kind, network, reason, count }) => ({
        event: {
          kind,
          detail:
            (network === null ? `${count} more, from other networks` : `sign-ins refused: ${count}`) +
            (reason === undefined ? '' : ` (limit: ${reason})`),
        },
        context: { at, actor: 'service', address: network },
      })),
    );
    for (const { key, count } of written) {
      const tally = this.#tallies.get(key);
      if (tally === undefined) continue;
      tally.count -= count;
      if (tally.count === 0) this.#tallies.delete(key);
    }
  }
}
