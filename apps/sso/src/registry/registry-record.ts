/**
 * Records in the database what this instance has loaded from its registry: `app list` and `app check` compare
 * it with the file, and apps that are removed later get their logout tokens at the last server recorded.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { RegistryStore } from '../storage/stores.ts';
import type { AppRegistry } from './app-registry.ts';

const RECORD_INTERVAL_MS = 60_000;
/** An instance whose last record is older has ended. One record may fail. */
export const INSTANCE_TIMEOUT_MS = 2.5 * RECORD_INTERVAL_MS;

/** A name for this run of the service: host and process, as in the log, and a random part. */
export function nameInstance(): string {
  return `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
}

const NOT_RECORDED = { loadedAt: Number.NaN, at: Number.NaN };

export class RegistryRecord {
  readonly #store: RegistryStore;
  readonly #registry: AppRegistry;
  readonly #clock: () => number;
  readonly #instance: string;
  #recorded = NOT_RECORDED;

  constructor(instance: string, store: RegistryStore, registry: AppRegistry, clock: () => number) {
    this.#instance = instance;
    this.#store = store;
    this.#registry = registry;
    this.#clock = clock;
    registry.onChange(() => {
      this.#recorded = NOT_RECORDED;
    });
  }

  /** Records what is loaded, unless that was done less than a minute ago. */
  async poll(): Promise<void> {
    const { apps, loadedAt } = this.#registry;
    const at = this.#clock();
    const isRecent = Math.abs(at - this.#recorded.at) < RECORD_INTERVAL_MS;
    if (isRecent && loadedAt === this.#recorded.loadedAt) return;
    this.#recorded = { loadedAt, at }; // Before the write, during which the registry may change.
    try {
      await this.#store.record({ instance: this.#instance, apps: [...apps], loadedAt }, at);
    } catch (error) {
      this.#recorded = NOT_RECORDED;
      throw error;
    }
  }

  /** Removes the record, since this instance stops. */
  async clear(): Promise<void> {
    await this.#store.clear(this.#instance);
  }
}
