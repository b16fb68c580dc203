/** What the running instances have loaded from their registry files, and the last server of every app. */

/** What an app requires of a session before it gets a token of it. */
export interface AppRequirement {
  /** The account must be in one of them; null if any account may use the app. */
  groups: readonly string[] | null;
  /** Whether the sign-in must have had two factors. */
  secondFactor: boolean;
}

/** An app as an instance has loaded it. What it requires is absent if the instance has an older version. */
export interface LoadedApp extends Partial<AppRequirement> {
  origin: string;
  name: string;
  server: string;
}

/** What one instance has loaded, and when. */
export interface LoadedRegistry {
  instance: string;
  apps: LoadedApp[];
  loadedAt: number;
}

export interface RegistryStore {
  /**
   * Records what an instance has loaded and that it was running at `seenAt`, and replaces its earlier record.
   * Each app's server becomes that of the registry which was loaded last. Records of instances not seen for
   * an hour are deleted. In SQLite, which one instance uses at a time, those of all others are deleted.
   */
  record(loaded: Readonly<LoadedRegistry>, seenAt: number): Promise<void>;
  /** Removes the record of an instance that stops. The last servers stay. */
  clear(instance: string): Promise<void>;
  /** The instances that were running at `seenSince` or later, in order of their names. */
  find(seenSince: number): Promise<LoadedRegistry[]>;
  /** The last known server of every app that any instance has ever loaded, by the app's origin. */
  servers(): Promise<ReadonlyMap<string, string>>;
}
