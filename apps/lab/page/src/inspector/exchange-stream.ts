/** The stream of exchanges from the lab's server: reconnects when it breaks, and keeps what has arrived. */
import type { Exchange } from '../../../exchange/exchange.ts';
import { paths } from '../../../exchange/paths.ts';
import { clear, emptyInspection, type Inspection, receive, setPaused } from './exchanges.ts';

export interface StreamState {
  connection: 'connecting' | 'connected' | 'reconnecting';
  inspection: Inspection;
}

/** Browsers reconnect by themselves, except after a response that isn't an event stream, such as a 502. */
const RECONNECT_DELAY_MS = 3000;

export class ExchangeStream {
  #state: StreamState = { connection: 'connecting', inspection: emptyInspection };
  #inspection = emptyInspection;
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame: number | null = null;
  readonly #listeners = new Set<() => void>();

  /** For `useSyncExternalStore`. The stream is open while there is a listener. */
  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.#connect();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#disconnect();
    };
  };

  readonly getState = (): StreamState => this.#state;

  setPaused(isPaused: boolean): void {
    this.#inspection = setPaused(this.#inspection, isPaused);
    this.#publish();
  }

  clear(): void {
    this.#inspection = clear(this.#inspection);
    this.#publish();
  }

  #connect(): void {
    const source = new EventSource(paths.exchanges);
    this.#source = source;
    source.onopen = () => this.#publish('connected');
    source.onmessage = ({ data }: MessageEvent<string>) => {
      this.#inspection = receive(this.#inspection, [JSON.parse(data) as Exchange]);
      this.#publishInNextFrame();
    };
    source.onerror = () => {
      this.#publish('reconnecting');
      if (source.readyState === EventSource.CLOSED) {
        this.#timer = setTimeout(() => this.#connect(), RECONNECT_DELAY_MS);
      }
    };
  }

  #disconnect(): void {
    this.#source?.close();
    clearTimeout(this.#timer);
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
  }

  /** Many exchanges may arrive at once, and a hidden tab needn't render. */
  #publishInNextFrame(): void {
    this.#frame ??= requestAnimationFrame(() => this.#publish());
  }

  #publish(connection = this.#state.connection): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    this.#state = { connection, inspection: this.#inspection };
    for (const listener of this.#listeners) listener();
  }
}
