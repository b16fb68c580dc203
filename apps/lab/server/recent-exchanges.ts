/** The latest exchanges that the reporters sent, in memory only, and the streams that follow them. */
import { EventEmitter, once } from 'node:events';
import type { Exchange } from '../exchange/exchange.ts';

export const MAX_EXCHANGES = 300;

export interface NumberedExchange {
  /** Grows with each report. A second report of an exchange has a new number. */
  readonly sequence: number;
  readonly exchange: Exchange;
}

export class RecentExchanges {
  /** By the exchange's id, in the order of the sequence numbers. */
  readonly #entries = new Map<string, NumberedExchange>();
  readonly #changes = new EventEmitter();
  #sequence: number;

  /**
   * @param startedAt in milliseconds since the epoch. Numbers go on from there, so that a page that was
   *   connected before a restart has a lower number than all exchanges since.
   */
  constructor(startedAt: number) {
    this.#sequence = startedAt;
    this.#changes.setMaxListeners(0);
  }

  /** Adds exchanges. A second report of an exchange replaces the first, and the oldest ones are forgotten. */
  add(exchanges: readonly Exchange[]): void {
    for (const exchange of exchanges) {
      this.#sequence += 1;
      this.#entries.delete(exchange.id);
      this.#entries.set(exchange.id, { sequence: this.#sequence, exchange });
    }
    for (const id of this.#entries.keys()) {
      if (this.#entries.size <= MAX_EXCHANGES) break;
      this.#entries.delete(id);
    }
    this.#changes.emit('added');
  }

  /** Returns the exchanges with higher numbers than this one, the oldest first. */
  after(sequence: number): readonly NumberedExchange[] {
    return [...this.#entries.values()].filter((entry) => entry.sequence > sequence);
  }

  /**
   * Yields the exchanges after an event id of an earlier connection, or all of them, and then new ones until
   * `signal` aborts. There is no queue: a client that reads too slowly misses what was forgotten meanwhile.
   */
  async *follow(lastEventId: string | null, signal: AbortSignal): AsyncGenerator<NumberedExchange> {
    let sequence = this.#toSequence(lastEventId);
    while (!signal.aborted) {
      const entries = this.after(sequence);
      for (const entry of entries) {
        yield entry;
        sequence = entry.sequence;
      }
      // `once` rejects when `signal` aborts.
      if (entries.length === 0) await once(this.#changes, 'added', { signal }).catch(() => {});
    }
  }

  /** A client with an id that this server didn't assign gets everything. */
  #toSequence(lastEventId: string | null): number {
    const sequence = /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0;
    return sequence <= this.#sequence ? sequence : 0;
  }
}
