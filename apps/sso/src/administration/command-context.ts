/** What every command gets from the process that runs it. */
import type { Command } from '@commander-js/extra-typings';
import type { Environment } from '@samesite-sso/server';
import type { List } from './list.ts';

export interface CommandContext {
  environment: Environment;
  /** Prints a result: the text, which ends with a newline, or with `--json` the value. */
  report(text: string, json: object, warnings?: readonly string[]): Promise<void>;
  /** Prints a list of any length in the same way. */
  list<Row>(list: List<Row>): Promise<void>;
}

/** Adds commands to a group of them, or to the program. */
export type AddCommands = (parent: Command, context: CommandContext) => void;

/** An expected failure, with one message per line. The exit code is 1. */
export class CommandError extends Error {
  readonly messages: readonly string[];

  constructor(...messages: string[]) {
    super(messages.join('\n'));
    this.name = 'CommandError';
    this.messages = messages;
  }
}
