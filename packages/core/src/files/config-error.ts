/** Why a process refuses to start: one line for each fault, for the person who starts it. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: string | readonly string[]) {
    const lines = typeof faults === 'string' ? [faults] : faults;
    super(lines.join('\n'));
    this.name = 'ConfigError';
    this.faults = lines;
  }
}

/**
 * Why a database, or the key file beside it, can't be used. It names the path, not the variable behind it.
 */
export class DatabaseFault extends ConfigError {}

/**
 * Adds the variable's name to the faults of the database whose path it holds.
 *
 * @throws {ConfigError} when the work throws a {DatabaseFault}
 */
export async function namingDatabase<Result>(variable: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DatabaseFault)) throw error;
    throw new ConfigError(error.faults.map((fault) => `${variable}: ${fault}`));
  }
}
