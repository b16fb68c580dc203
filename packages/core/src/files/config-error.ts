/** Why a process can't start. Each error is one line for its operator. */
export class ConfigError extends Error {
  readonly errors: readonly string[];

  constructor(errors: string | readonly string[]) {
    const lines = [errors].flat();
    super(lines.join('\n'));
    this.name = 'ConfigError';
    this.errors = lines;
  }
}

/** Why a database, or the key file beside it, can't be used. It names the path, not the variable. */
export class DatabaseError extends ConfigError {}

/** Why the file of sealing keys can't be used or doesn't open a secret. It names the path as well. */
export class SealingKeyError extends ConfigError {}

/**
 * Adds the name of the variable with a database's path to the errors of that database.
 *
 * @throws {ConfigError} when the work throws a {DatabaseError}
 */
export function nameDatabaseVariable<Result>(variable: string, work: () => Promise<Result>): Promise<Result> {
  return nameVariable(DatabaseError, variable, work);
}

/** Like `nameDatabaseVariable`, for the path of the sealing keys and a {SealingKeyError}. */
export function nameSealingKeyVariable<Result>(
  variable: string,
  work: () => Promise<Result>,
): Promise<Result> {
  return nameVariable(SealingKeyError, variable, work);
}

async function nameVariable<Result>(
  errorClass: typeof ConfigError,
  variable: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof errorClass)) throw error;
    throw new ConfigError(error.errors.map((line) => `${variable}: ${line}`));
  }
}
