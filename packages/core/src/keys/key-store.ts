/** Where a server's signing keys are kept. The rules of their lifecycle are in `key-lifecycle.ts`. */
import type { Key } from './stored-key.ts';

/** What a change did, for an audit trail. */
export type KeyEvent =
  | { kind: 'rotated'; kid: string; immediate: boolean }
  | { kind: 'retired'; kid: string }
  | ({ kind: 'resealed' } & ResealedKeys);

export interface ResealedKeys {
  /** How many keys another sealing key had sealed until now. */
  resealed: number;
  total: number;
}

export interface StoredKeys {
  /** The newest first. Empty before the server's first start. */
  readonly keys: readonly Key[];
  /** The time by the store's clock, in milliseconds since the epoch. */
  readonly now: number;
}

export interface KeyChange {
  /** All keys from now on, the newest first. */
  readonly keys: readonly Key[];
  /** Null if no audit record is needed. */
  readonly event: KeyEvent | null;
}

export interface KeyStore {
  /** Where the keys are, for messages. */
  readonly place: string;
  /**
   * How long it may take until every process uses a changed list. Until then, some publish the earlier list
   * and sign with its key.
   */
  readonly propagationSeconds: number;
  /** @throws {ConfigError} when the keys are damaged or can't be opened; nothing secret is in its message */
  read(): Promise<StoredKeys>;
  /**
   * Changes the keys while no other process can, and adds the audit record.
   *
   * @param edit must have no other effects, because it may run again with newer keys. An error that it throws
   *   cancels the change.
   * @returns what `edit` returned
   */
  change<Change extends KeyChange>(edit: (current: StoredKeys) => Change): Promise<Change>;
  /**
   * Seals every key that another sealing key sealed with the first one.
   *
   * @throws {KeyRotationError} when this store doesn't seal keys
   */
  reseal(): Promise<ResealedKeys>;
  /**
   * Reads the keys, and then every change that another process makes.
   *
   * @param warn called when they can't be read; the keys read before stay in use
   */
  follow(warn: (message: string) => void): Promise<FollowedKeys>;
}

export interface FollowedKeys {
  /** @param now the time in milliseconds since the epoch */
  current(now: number): readonly Key[];
  close(): Promise<void>;
}

/** Why a change of the keys is refused. The message is for the operator. */
export class KeyRotationError extends Error {}
