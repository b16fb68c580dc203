/**
 * Reads a process's environment once and names every faulty variable at once. What a variable means to
 * its process stands in that process's `config.ts`; here is only what any variable can be.
 */
import {
  AddressRanges,
  ConfigError,
  openFilesFault,
  pathFault,
  quoted,
  rangeFault,
  requireUsableDatabase,
  validateDatabasePath,
  validateOrigin,
  validateServerUrl,
} from '@samesite-sso/core';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Turns what was set into a value. What it throws is the fault, in words that follow the variable's name; a
 * `ConfigError` may hold several.
 */
export type Variable<Value> = (text: string | undefined) => Value;

type Values<Variables> = {
  [Name in keyof Variables]: Variables[Name] extends Variable<infer Value> ? Value : never;
};

/**
 * @param variables the variables of a process by name
 * @param derivations what is made of several of them; one that needs a faulty variable is left out
 * @returns the values of both
 * @throws {ConfigError} naming every variable that is missing or faulty, and every fault of a derivation
 */
export function readEnvironment<
  Variables extends Record<string, Variable<unknown>>,
  Derived extends Record<string, unknown> = Record<never, never>,
>(
  environment: Environment,
  variables: Variables,
  derivations?: { [Name in keyof Derived]: (values: Values<Variables>) => Derived[Name] },
): Values<Variables> & Derived {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(variables)) {
    try {
      values[name] = read(environment[name]);
    } catch (fault) {
      if (fault instanceof ConfigError) faults.push(...fault.faults.map((each) => `${name}: ${each}`));
      else faults.push(`${name} ${(fault as Error).message}`);
      Object.defineProperty(values, name, { get: refuseToSay });
    }
  }
  for (const [name, derive] of Object.entries(derivations ?? {})) {
    try {
      values[name] = derive(values as Values<Variables>);
    } catch (error) {
      if (error instanceof ConfigError) faults.push(...error.faults);
      else if (!(error instanceof FaultyVariable)) throw error;
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return values as Values<Variables> & Derived;
}

/** Thrown where a derivation asks for a variable whose fault is told already. */
class FaultyVariable extends Error {}

function refuseToSay(): never {
  throw new FaultyVariable();
}

/** Null instead of a faulty variable, so that a derivation can go on and find more faults. */
export function unlessFaulty<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof FaultyVariable) return null;
    throw error;
  }
}

/** A variable that must be set. */
export function required<Value>(read: (text: string) => Value): Variable<Value> {
  return (text) => {
    if (text === undefined) throw new Error('is missing');
    if (text.trim() === '') throw new Error('is empty');
    return read(text);
  };
}

/** A variable that may be left out, but not left empty. */
export function optional<Value, Default>(
  read: (text: string) => Value,
  otherwise: Default,
): Variable<Value | Default> {
  return (text) => (text === undefined ? otherwise : required(read)(text));
}

/** Any text, such as a name. */
export const text = (value: string): string => value;

/** The path of a file to read. */
export function filePath(value: string): string {
  const fault = pathFault(value);
  if (fault !== null) throw new Error(fault);
  return value;
}

/** The path of a database, which may be missing. */
export function databasePath(value: string): string {
  const fault = validateDatabasePath(value);
  if (fault !== null) throw new Error(fault);
  return value;
}

/** The path of a database that the process can open or create. */
export function usableDatabase(value: string): string {
  requireUsableDatabase(databasePath(value));
  return value;
}

/** The folder whose files may be open to others; `private-file.ts` makes the exception. */
export function openFilesFolder(value: string): string {
  const fault = openFilesFault(value);
  if (fault !== null) throw new Error(fault);
  return value;
}

/** An origin in canonical form, https unless it is loopback. */
export function origin(value: string): string {
  const fault = validateOrigin(value);
  if (fault !== null) throw new Error(`${fault} (it is ${quoted(value)})`);
  return value;
}

/** Where one server reaches another: a bare `http(s)://host[:port]`, https unless the host is private. */
export function serverUrl(value: string): string {
  const fault = validateServerUrl(value);
  if (fault !== null) throw new Error(`${fault} (it is ${quoted(value)})`);
  return value;
}

export interface HostAndPort {
  host: string;
  port: number;
}

/** `host:port`, an IPv6 host in brackets. */
export function hostAndPort(value: string): HostAndPort {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(value) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || !(port >= 1 && port <= 65535)) {
    throw new Error(`is not host:port, such as 127.0.0.1:4000 (it is ${quoted(value)})`);
  }
  return { host, port };
}

/** IP addresses and networks with commas between them: `10.1.0.7, fd00:12::/32`. */
export function addressRanges(value: string): AddressRanges {
  const entries = value.split(',').map((entry) => entry.trim());
  const faults = entries.flatMap((entry) => {
    const fault = rangeFault(entry);
    return fault === null ? [] : [`${quoted(entry)} ${fault}`];
  });
  if (faults.length > 0) throw new Error(`names what it cannot: ${faults.join('; ')}`);
  return new AddressRanges(entries);
}

/** A duration of whole seconds, at most a year. */
export function seconds(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > 31_536_000) {
    throw new Error(`is not a number of seconds from 1 to a year (it is ${quoted(value)})`);
  }
  return number;
}

/** A duration of whole days, at most ten years. */
export function days(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > 3650) {
    throw new Error(`is not a number of days from 1 to 3650 (it is ${quoted(value)})`);
  }
  return number;
}

/** How often something may happen: a whole number from 1 to 100,000. */
export function limit(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > 100_000) {
    throw new Error(`is not a whole number from 1 to 100000 (it is ${quoted(value)})`);
  }
  return number;
}

/** Words with commas between them. */
export function words(value: string): readonly string[] {
  const all = value.split(',').map((word) => word.trim());
  if (all.includes('')) throw new Error(`is not words with commas between them (it is ${quoted(value)})`);
  return all;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

export function logLevel(value: string): string {
  if (!LOG_LEVELS.includes(value)) {
    throw new Error(`is not one of ${LOG_LEVELS.join(', ')} (it is ${quoted(value)})`);
  }
  return value;
}
