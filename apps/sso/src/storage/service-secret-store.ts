/** Secrets that all instances of the service share, each created once. */
export interface ServiceSecretStore {
  /** @returns the stored value: of several callers, the first one's proposal */
  findOrCreate(name: string, proposed: string): Promise<string>;
  /** Replaces a value that is still the same, to seal it with another key. */
  replace(name: string, value: string, replacement: string): Promise<void>;
}
