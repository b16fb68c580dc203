/** The help: of the program, of a group of commands, of one command. All of it out of the commands' own tables. */
import { COMMON_OPTIONS, type Command, type Option, VARIABLES } from './command.ts';

const PROGRAM = 'cli.ts';
const EXAMPLE = 'node apps/sso/src/cli.ts';
const EXIT_STATUS = `Exit status:
  0  done
  1  refused or failed: a line for each fault on standard error
  2  not understood: the usage on standard error

What messages mean, and what helps: docs/troubleshooting.md
`;

/** The commands of one noun; or the one command that has no group, under its own name. */
export interface Group {
  name: string;
  purpose: string;
  commands: readonly Command[];
}

export function programHelp(groups: readonly Group[]): string {
  const parts = groups.map(({ purpose, commands }) => `${purpose}:\n${summary(commands)}`);
  return `Administration of the SSO service from the command line, whether it runs or not.

Usage:
  ${PROGRAM} GROUP COMMAND [ARGUMENTS] [OPTIONS]
  ${PROGRAM} [GROUP [COMMAND]] --help

${parts.join('\n')}
Every command takes --json. Times are in UTC.

${environmentAndStatus(groups.flatMap(({ commands }) => commands))}
Example:
${exampleOf(groups[0]?.commands ?? [])}`;
}

export function groupHelp({ purpose, commands }: Group): string {
  return `${purpose}.

${usage(commands)}
${summary(commands)}
${environmentAndStatus(commands)}
Example:
${exampleOf(commands)}`;
}

export function commandHelp(command: Command): string {
  const { purpose, details, options } = command;
  const rows = Object.entries({ ...options, ...COMMON_OPTIONS }).map(([name, option]: [string, Option]) => {
    return [optionUsage(name, option), option.purpose] as const;
  });
  return `${purpose.charAt(0).toUpperCase()}${purpose.slice(1)}.

${usage([command])}${details === undefined ? '' : `\n${details}\n`}
Options:
${columns(rows)}
${environmentAndStatus([command])}
Example:
${exampleOf([command])}`;
}

/** The usage for whoever was not understood, and where more is told. */
export function usageWithPointer({ name, commands }: { name: string; commands: readonly Command[] }): string {
  return `${usage(commands)}\n${[PROGRAM, name, '--help'].filter(Boolean).join(' ')} says more.\n`;
}

function usage(commands: readonly Command[]): string {
  const lines = commands.map(({ name, takes, options }) => {
    const given = Object.entries(options).map(([option, { value, isRequired }]) => {
      const shown = optionUsage(option, { value });
      return isRequired ? shown : `[${shown}]`;
    });
    return `  ${[PROGRAM, name, ...takes, ...given, '[--json]'].join(' ')}\n`;
  });
  return `Usage:\n${lines.join('')}`;
}

function optionUsage(name: string, { value }: { value?: string | undefined }): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function summary(commands: readonly Command[]): string {
  return columns(commands.map(({ name, purpose }) => [name, purpose]));
}

function environmentAndStatus(commands: readonly Command[]): string {
  const names = new Set(commands.flatMap(({ environment }) => environment));
  return `Environment:\n${columns([...names].map((name) => [name, VARIABLES[name]]))}\n${EXIT_STATUS}`;
}

/** That of the first of them. */
function exampleOf([command]: readonly Command[]): string {
  if (command === undefined) return '';
  const { environment, example } = command;
  const values = { SSO_DATABASE: 'sso.sqlite', SSO_ORIGIN: 'https://sso.example.com', SSO_APPS: 'apps.json' };
  const set = Object.entries(values).filter(([name]) => environment.some((read) => read === name));
  return `  ${set.map(([name, value]) => `${name}=${value}`).join(' ')} ${EXAMPLE} ${example}\n`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
