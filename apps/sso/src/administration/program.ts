/** Finds the command, runs it, and puts its outcome into words. `cli.ts` decides where to print. */
import { ConfigError, escapeControlCharacters, escapeLine, HttpProblem } from '@samesite-sso/core';
import type { Environment } from '@samesite-sso/server';
import { type Command, CommandError, parse, type Report, UsageError } from './command.ts';
import { GROUPS } from './commands.ts';
import { commandHelp, groupHelp, programHelp, usageWithPointer } from './help.ts';

export interface Outcome {
  /** 0 is done, 1 refused or failed, 2 misused. */
  status: 0 | 1 | 2;
  stderr: string;
}

/** Prints to standard output. @returns false once the output is closed */
export type Print = (text: string) => Promise<boolean>;

/** @param args what stands behind the program's name */
export async function administrate(args: string[], environment: Environment, print: Print): Promise<Outcome> {
  const [noun, verb] = args;
  const group = GROUPS.find(({ name }) => name === noun);
  const command = group?.commands.find(({ name }) => name === noun || name === `${noun} ${verb}`);
  if (command !== undefined) {
    return await runCommand(command, args.slice(command.name.split(' ').length), environment, print);
  }
  const help = isHelp(noun) ? programHelp(GROUPS) : group && isHelp(verb) ? groupHelp(group) : null;
  if (help !== null) {
    await print(help);
    return outcome(0);
  }
  const wrong = group === undefined ? noun : verb;
  const fault = wrong === undefined ? 'a command is missing' : `there is no command "${wrong}"`;
  const all = { name: '', commands: GROUPS.flatMap(({ commands }) => commands) };
  return misused(fault, group ?? all);
}

function isHelp(arg: string | undefined): boolean {
  return arg === '--help' || arg === '-h';
}

async function runCommand(
  command: Command,
  args: string[],
  environment: Environment,
  print: Print,
): Promise<Outcome> {
  try {
    const { values, positionals } = parse(command, args);
    if (values['help']) {
      await print(commandHelp(command));
      return outcome(0);
    }
    const { text, json, faults = [], warnings = [] } = await command.run(environment, positionals, values);
    for await (const part of values['json'] ? partsOfJson(json) : partsOfText(text)) {
      if (!(await print(escapeControlCharacters(part)))) break;
    }
    const told = [...warnings.map((warning) => `warning: ${warning}`), ...faults];
    return outcome(faults.length > 0 ? 1 : 0, told);
  } catch (error) {
    return error instanceof UsageError
      ? misused(error.message, { name: command.name, commands: [command] })
      : outcome(1, faultsOf(error));
  }
}

function partsOfText(text: Report['text']): AsyncIterable<string> | string[] {
  return typeof text === 'string' ? [text] : text;
}

function partsOfJson(json: Report['json']): AsyncIterable<string> | string[] {
  return Symbol.asyncIterator in json ? json : [`${JSON.stringify(json, null, 2)}\n`];
}

/** @param about what was meant, as far as that was understood */
function misused(fault: string, about: { name: string; commands: readonly Command[] }): Outcome {
  const { status, stderr } = outcome(2, [fault]);
  return { status, stderr: `${stderr}\n${usageWithPointer(about)}` };
}

/** @param told lines of standard error */
function outcome(status: Outcome['status'], told: readonly string[] = []): Outcome {
  return { status, stderr: told.map((line) => `${escapeLine(line)}\n`).join('') };
}

function faultsOf(error: unknown): readonly string[] {
  if (error instanceof CommandError || error instanceof ConfigError) return error.faults;
  const { message } = error as Error;
  return [error instanceof HttpProblem && error.logReason ? `${message} (${error.logReason})` : message];
}
