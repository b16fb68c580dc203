import { describe, expect, it } from 'vitest';
import { exchangeAt } from './exchange.fixture.ts';
import {
  clear,
  countWaiting,
  emptyInspection,
  type Inspection,
  isCleared,
  MAX_EXCHANGES,
  orderByStart,
  receive,
  setPaused,
  upsert,
} from './exchanges.ts';

const idsOf = (exchanges: Parameters<typeof orderByStart>[0]) => orderByStart(exchanges).map(({ id }) => id);

/** What is visible: shown, and not cleared. */
const visibleIds = (inspection: Inspection) =>
  orderByStart(inspection.shown)
    .filter((exchange) => !isCleared(inspection, exchange))
    .map(({ id }) => id);

describe('the received exchanges', () => {
  it('are in the order in which they started, not in the order of arrival', () => {
    const [first, second] = [exchangeAt(1), exchangeAt(2)];
    expect(idsOf(upsert(new Map(), [second, first]))).toEqual([first.id, second.id]);
  });

  it('contain only the latest report of each exchange', () => {
    const pending = exchangeAt(1, { response: null, durationMs: null });
    const finished = { ...pending, durationMs: 7 };
    expect([...upsert(upsert(new Map(), [pending]), [finished]).values()]).toEqual([finished]);
  });

  it('keep their place when a new report of one arrives', () => {
    const [first, second] = [exchangeAt(1), exchangeAt(2)];
    const updated = upsert(upsert(new Map(), [first, second]), [{ ...first, durationMs: 7 }]);
    expect([...updated.keys()]).toEqual([first.id, second.id]);
  });

  it('are at most 300: the earliest to start is dropped, even if it arrives last', () => {
    const many = Array.from({ length: MAX_EXCHANGES }, (_, index) => exchangeAt(10 + index));
    const early = exchangeAt(0);
    const late = exchangeAt(5000);
    expect(idsOf(upsert(upsert(new Map(), many), [early]))).not.toContain(early.id);
    const updated = upsert(upsert(new Map(), many), [late]);
    expect(updated.size).toBe(300);
    expect(updated.has(many[0]?.id ?? '')).toBe(false);
    expect(updated.has(late.id)).toBe(true);
  });
});

describe('a pause', () => {
  const [first, second] = [exchangeAt(1), exchangeAt(2)];
  const paused = receive(setPaused(receive(emptyInspection, [first]), true), [second]);

  it('shows only what was received before it, and counts what arrives meanwhile', () => {
    expect(idsOf(paused.shown)).toEqual([first.id]);
    expect(countWaiting(paused)).toBe(1);
  });

  it('loses nothing: its end shows what arrived meanwhile', () => {
    const resumed = setPaused(paused, false);
    expect(idsOf(resumed.shown)).toEqual([first.id, second.id]);
    expect(countWaiting(resumed)).toBe(0);
  });

  it('continues after the inspector was cleared', () => {
    const cleared = receive(clear(paused), [exchangeAt(3)]);
    expect(visibleIds(cleared)).toEqual([]);
    expect(countWaiting(cleared)).toBe(1);
  });
});

describe('a cleared inspector', () => {
  const [old, news] = [exchangeAt(1), exchangeAt(2)];
  const cleared = clear(receive(emptyInspection, [old]));

  it('shows only what starts later, even if a reconnected stream repeats the rest', () => {
    expect(visibleIds(cleared)).toEqual([]);
    expect(visibleIds(receive(cleared, [old, news]))).toEqual([news.id]);
  });

  it('keeps what it hides, since a later request may depend on an earlier preflight', () => {
    expect(idsOf(receive(cleared, [news]).shown)).toEqual([old.id, news.id]);
  });

  it('is empty after being cleared again, and before anything was received', () => {
    expect(visibleIds(clear(cleared))).toEqual([]);
    expect(visibleIds(clear(receive(cleared, [news])))).toEqual([]);
    expect(visibleIds(receive(clear(emptyInspection), [old]))).toEqual([old.id]);
  });

  it('doesn’t count what was cleared during a pause', () => {
    const paused = receive(setPaused(emptyInspection, true), [old]);
    expect(countWaiting(paused)).toBe(1);
    expect(countWaiting(clear(paused))).toBe(0);
    expect(countWaiting(receive(clear(paused), [{ ...old, durationMs: 9 }]))).toBe(0);
  });
});
