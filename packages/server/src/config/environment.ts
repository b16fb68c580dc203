/**
 * Reads a process's environment and reports all invalid variables together. Each process's `config.ts` says
 * what its variables mean; this file knows only their formats.
 */
import {
  ConfigError,
  isPostgresUrl,
  parsePostgresUrl,
  quote,
  requireUsableDatabase,
  SealingKeys,
  validateDatabasePath,
  validateOpenFilesFolder,
  validateOrigin,
  validatePath,
  validateServerUrl,
} from '@samesite-sso/core';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Parses the text of a variable. The message of its error follows the variable's name. */
export type Variable<Value> = (text: string | undefined) => Value;

type Values<Variables> = {
  [Name in keyof Variables]: Variables[Name] extends Variable<infer Value> ? Value : never;
};

/** Thrown where a derivation reads an invalid variable, whose error is already reported. */
class InvalidVariableError extends Error {}

/**
 * @param variables the variables of a process by name
 * @param derivations computed from several variables; skipped when they read an invalid one
 * @returns the values of both
 * @throws {ConfigError} naming every variable that is missing or invalid, and every error of a derivation
 */
export function readEnvironment<
  Variables extends Record<string, Variable<unknown>>,
  Derived extends Record<string, unknown> = Record<never, never>,
>(
  environment: Environment,
  variables: Variables,
  derivations?: { [Name in keyof Derived]: (values: Values<Variables>) => Derived[Name] },
): Values<Variables> & Derived {
  const errors: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, parse] of Object.entries(variables)) {
    try {
      values[name] = parse(environment[name]);
    } catch (error) {
      if (error instanceof ConfigError) errors.push(...error.errors.map((line) => `${name}: ${line}`));
      else errors.push(`${name} ${(error as Error).message}`);
      const get = () => {
        throw new InvalidVariableError();
      };
      Object.defineProperty(values, name, { get });
    }
  }
  for (const [name, derive] of Object.entries(derivations ?? {})) {
    try {
      values[name] = derive(values as Values<Variables>);
    } catch (error) {
      if (error instanceof ConfigError) errors.push(...error.errors);
      else if (!(error instanceof InvalidVariableError)) throw error;
    }
  }
  if (errors.length > 0) throw new ConfigError(errors);
  return values as Values<Variables> & Derived;
}

/** Returns null for an invalid variable, so that a derivation can go on and find more errors. */
export function unlessInvalid<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidVariableError) return null;
    throw error;
  }
}

export function required<Value>(parse: (text: string) => Value): Variable<Value> {
  return (text) => {
    if (text === undefined) throw new Error('is missing');
    if (text.trim() === '') throw new Error('is empty');
    return parse(text);
  };
}

/** A variable that may be unset, but not empty. */
export function optional<Value, Default>(
  parse: (text: string) => Value,
  defaultValue: Default,
): Variable<Value | Default> {
  return (text) => (text === undefined ? defaultValue : required(parse)(text));
}

/** A text that a validator accepts. The validator returns why a text is invalid, or null. */
function validateWith(validate: (text: string) => string | null) {
  return (text: string): string => {
    const reason = validate(text);
    if (reason !== null) throw new Error(`${reason} (it is ${quote(text)})`);
    return text;
  };
}

/** Any text, such as a name. */
export const text = (value: string): string => value;

/** The path of a file to read. */
export const filePath = validateWith(validatePath);

const sqlitePath = validateWith(validateDatabasePath);

/** The path of a SQLite database, which may not exist yet, or the URL of a PostgreSQL database. */
export function databasePath(value: string): string {
  if (!isPostgresUrl(value)) return sqlitePath(value);
  parsePostgresUrl(value); // Its errors don't quote the URL, which may contain a password.
  return value;
}

/** Like {@link databasePath}, but the process must be able to open or create a SQLite database. */
export function usableDatabase(value: string): string {
  const database = databasePath(value);
  if (!isPostgresUrl(database)) requireUsableDatabase(database);
  return database;
}

/** The keys in a file of sealing keys. */
export const sealingKeys = (value: string): SealingKeys => SealingKeys.read(filePath(value));

/** The path of a file of sealing keys, whose content is validated. */
export function sealingKeyFile(value: string): string {
  sealingKeys(value);
  return value;
}

/**
 * Refuses a PostgreSQL database without sealing keys: its signing keys are sealed. With SQLite, they aren't.
 *
 * @param name the variable of the file
 * @throws {ConfigError}
 */
export function requireSealingKeys<Sealing extends SealingKeys | string | null>(
  name: string,
  database: string,
  sealing: Sealing,
): Sealing {
  if (sealing === null && isPostgresUrl(database))
    throw new ConfigError(`${name} is missing: keys in a PostgreSQL database must be sealed`);
  return sealing;
}

/** The folder whose files may be open to others: see `private-file.ts`. */
export const openFilesFolder = validateWith(validateOpenFilesFolder);

/** An origin in canonical form, https unless it is loopback. */
export const origin = validateWith(validateOrigin);

/** Where one server reaches another: a bare `http(s)://host[:port]`, https unless the host is private. */
export const serverUrl = validateWith(validateServerUrl);

export interface HostAndPort {
  host: string;
  port: number;
}

/** `host:port`, with an IPv6 host in brackets. */
export function hostAndPort(value: string): HostAndPort {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(value) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || !(port >= 1 && port <= 65535)) {
    throw new Error(`is not host:port, such as 127.0.0.1:4000 (it is ${quote(value)})`);
  }
  return { host, port };
}

function wholeNumber(unit: string, max: number, maxText = String(max)) {
  return (value: string): number => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < 1 || number > max) {
      throw new Error(`is not a ${unit} from 1 to ${maxText} (it is ${quote(value)})`);
    }
    return number;
  };
}

/** At most a year. */
export const seconds = wholeNumber('number of seconds', 31_536_000, 'a year');
/** At most ten years. */
export const days = wholeNumber('number of days', 3650);
/** How often something may happen. */
export const limit = wholeNumber('whole number', 100_000);

/** Words separated by commas. */
export function words(value: string): readonly string[] {
  const all = value.split(',').map((word) => word.trim());
  if (all.includes(''))
    throw new Error(`is not a list of words with commas between them (it is ${quote(value)})`);
  return all;
}

/** One of several texts. */
export function oneOf<Choice extends string>(...choices: readonly Choice[]) {
  return (value: string): Choice => {
    const choice = choices.find((each) => each === value);
    if (choice === undefined) throw new Error(`is not one of ${choices.join(', ')} (it is ${quote(value)})`);
    return choice;
  };
}

export const logLevel = oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent');
