/**
 * What a command of the command line is: what it takes, what it answers, and how it refuses. What the commands
 * do stands in one file for each group; how they are explained, in `help.ts`.
 */
import { parseArgs } from 'node:util';
import type { Environment } from '@samesite-sso/server';

/** The variables that commands read, as their help explains them. */
export const VARIABLES = {
  SSO_DATABASE: "path of the SSO service's database; its keys are kept beside it",
  SSO_ORIGIN: "the SSO service's origin",
  SSO_APPS: 'path of the app registry',
  SSO_PASSWORD_WORDS: 'names of the company and its apps, with commas: no password is to be made of them',
  SSO_MAX_FAILURES_PER_ACCOUNT:
    'failed sign-ins for one account from one address, where the SSO service is told so',
  SSO_MAX_FAILURES_PER_ADDRESS: 'failed sign-ins from one address, where the SSO service is told so',
  SSO_TOKEN_SECONDS: 'for how long a token lives, where the SSO service is told so',
} as const;
export type VariableName = keyof typeof VARIABLES;

export interface Option {
  /** What stands for its value in the help; without it the option is a switch. */
  value?: string;
  purpose: string;
  /** One letter that stands for it. */
  short?: string;
  isRequired?: true;
}

/**
 * What a command answers. A long list comes in parts that are read while they are printed (`listing.ts`), so
 * only the form that is printed is ever read.
 */
export interface Report {
  /** For people; ends with a newline unless it is empty. */
  text: string | AsyncIterable<string>;
  /** For programs: an array or an object, or an array as JSON text in parts. */
  json: object | AsyncIterable<string>;
  /** What a command that looks for faults has found: told besides, and exit status 1. */
  faults?: readonly string[];
  /** What the operator should know besides. */
  warnings?: readonly string[];
}

/** Nothing was done, and why, a line each. Exit status 1. */
export class CommandError extends Error {
  readonly faults: readonly string[];

  constructor(faults: string | readonly string[]) {
    super(String(faults));
    this.faults = typeof faults === 'string' ? [faults] : faults;
  }
}

/** Not understood: the usage is shown. Exit status 2. */
export class UsageError extends Error {}

type Takes = readonly string[];
type Options = Readonly<Record<string, Option>>;

/** As they were given: one text for each that the command takes, where one in brackets may be missing; or many. */
type Arguments<T extends Takes> = T extends readonly [`[${string}...]`]
  ? readonly string[]
  : { [Index in keyof T]: T[Index] extends `[${string}` ? string | undefined : string };
type Values<O extends Options> = {
  [Name in keyof O]: O[Name] extends { value: string }
    ? O[Name] extends { isRequired: true }
      ? string
      : string | undefined
    : boolean | undefined;
};

interface Definition<T extends Takes, O extends Options> {
  /** Its group, where it has one, and its verb. */
  name: string;
  /** What it takes, in order: `NAME`, `[NAME]` where it may be left out, `[NAME...]` where there may be many. */
  takes: T;
  options: O;
  environment: readonly VariableName[];
  /** What it does, in one line. */
  purpose: string;
  /** What else is to be known, in lines. */
  details?: string;
  example: string;
  run(environment: Environment, taken: Arguments<T>, options: Values<O>): Promise<Report>;
}

/** A command among others: whatever it takes is checked by `parse` before it runs. */
export interface Command extends Omit<Definition<Takes, Options>, 'run'> {
  run(environment: Environment, taken: readonly string[], options: Given): Promise<Report>;
}

type Given = Readonly<Record<string, string | boolean | undefined>>;

/** A command whose arguments and options have the types that its own table gives them. */
export function command<const T extends Takes, const O extends Options>(
  definition: Definition<T, O>,
): Command {
  return definition;
}

/** Options of every command. */
export const COMMON_OPTIONS = {
  json: { purpose: 'print one JSON document' },
  help: { purpose: 'print this; so does -h', short: 'h' },
} as const satisfies Options;

/** @throws {UsageError} naming what the command does not take, or is not given */
export function parse({ takes, options }: Command, args: string[]) {
  const known = Object.entries({ ...options, ...COMMON_OPTIONS });
  const { values, positionals } = understand(() =>
    parseArgs({
      args,
      allowPositionals: true,
      options: Object.fromEntries(
        known.map(([name, { value, short }]: [string, Option]) => [
          name,
          { type: value ? 'string' : 'boolean', ...(short && { short }) },
        ]),
      ),
    }),
  );
  if (values['help']) return { values, positionals };
  const missing = takes.filter((name) => !name.startsWith('[')).slice(positionals.length);
  if (missing.length > 0) throw new UsageError(`${missing.join(' and ')} is missing`);
  const isBounded = !takes.some((name) => name.endsWith('...]'));
  const [surplus] = positionals.slice(takes.length);
  if (surplus !== undefined && isBounded) throw new UsageError(`there is no place for "${surplus}"`);
  for (const [name, { isRequired }] of Object.entries(options)) {
    if (isRequired && values[name] === undefined) throw new UsageError(`--${name} is missing`);
  }
  return { values, positionals };
}

function understand<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
