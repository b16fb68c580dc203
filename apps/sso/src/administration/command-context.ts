/** What every command gets from the process that runs it, and what it gives back. */
import type { Command } from '@commander-js/extra-typings';
import type { Environment } from '@samesite-sso/server';

export interface CommandContext {
  environment: Environment;
  /** Prints a result, as text or, with `--json`, as JSON. */
  report(result: CommandResult): Promise<void>;
}

/** Adds commands to a group of them, or to the program. */
export type AddCommands = (parent: Command, context: CommandContext) => void;

export interface CommandResult {
  /** Ends with a newline unless it is empty. Long lists come in parts, which are read as they are printed. */
  text: string | AsyncIterable<string>;
  /** A value to serialize, or JSON text in parts. */
  json: object | AsyncIterable<string>;
  warnings?: readonly string[];
  /** Failed checks: printed to standard error as they are, and the exit code is 1. */
  failures?: readonly string[];
}

/** An expected failure, with one message per line. The exit code is 1. */
export class CommandError extends Error {
  readonly messages: readonly string[];

  constructor(...messages: string[]) {
    super(messages.join('\n'));
    this.name = 'CommandError';
    this.messages = messages;
  }
}
