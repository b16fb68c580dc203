/** The exchanges received and those shown. Pausing and clearing change only what is shown. Pure. */
import type { Exchange } from '../../../exchange/exchange.ts';

/** By id, in the order in which they arrived first. */
export type Exchanges = ReadonlyMap<string, Exchange>;

/** As many as the lab's server keeps. */
export const MAX_EXCHANGES = 300;

/** Adds new exchanges and replaces known ones. Beyond the limit, drops those that started first. */
export function upsert(exchanges: Exchanges, arrived: readonly Exchange[]): Exchanges {
  const updated = new Map(exchanges);
  for (const exchange of arrived) updated.set(exchange.id, exchange);
  const surplus = updated.size - MAX_EXCHANGES;
  if (surplus > 0) for (const { id } of orderByStart(updated).slice(0, surplus)) updated.delete(id);
  return updated;
}

/** Returns the exchanges in the order in which they started. */
export function orderByStart(exchanges: Exchanges): Exchange[] {
  return [...exchanges.values()].sort((a, b) => a.startedAt - b.startedAt);
}

export interface Inspection {
  received: Exchanges;
  /** While paused, only what was received before the pause. */
  shown: Exchanges;
  isPaused: boolean;
  /** Hides what started by then. It stays in `received`, since a later request may depend on a preflight. */
  clearedAt: number;
}

export const emptyInspection: Inspection = {
  received: new Map(),
  shown: new Map(),
  isPaused: false,
  clearedAt: Number.NEGATIVE_INFINITY,
};

export function receive(inspection: Inspection, arrived: readonly Exchange[]): Inspection {
  const received = upsert(inspection.received, arrived);
  return { ...inspection, received, shown: inspection.isPaused ? inspection.shown : received };
}

export function setPaused(inspection: Inspection, isPaused: boolean): Inspection {
  return { ...inspection, isPaused, shown: isPaused ? inspection.shown : inspection.received };
}

/** Hides what has been received, on this page only. A pause continues. */
export function clear(inspection: Inspection): Inspection {
  const last = orderByStart(inspection.received).at(-1);
  return { ...inspection, clearedAt: last?.startedAt ?? inspection.clearedAt };
}

export function isCleared({ clearedAt }: Inspection, { startedAt }: Pick<Exchange, 'startedAt'>): boolean {
  return startedAt <= clearedAt;
}

/** Returns how many exchanges arrived since the pause began. */
export function countWaiting(inspection: Inspection): number {
  const { received, shown } = inspection;
  if (received === shown) return 0;
  return [...received.values()].filter((each) => !shown.has(each.id) && !isCleared(inspection, each)).length;
}
