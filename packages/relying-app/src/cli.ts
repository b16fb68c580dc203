#!/usr/bin/env node
/** An app's own keys from the command line, while the app runs: changes the file beside its database. */
import { parseArgs } from 'node:util';
import { type ListedKey, listKeys, retireKey, rotateKey } from '@samesite-sso/core';
import { CLIENT_ASSERTION_MAX_SECONDS } from '@samesite-sso/protocol';
import { databasePath, readEnvironment, required } from '@samesite-sso/server';

const USAGE = `Usage:
  key list          list the app's signing keys, the newest first
  key rotate        add a key: it is published at once, and signs when every cache has it, 305 s later
  key rotate --now  let the new key sign at once; one that was waiting is dropped
  key retire KID    publish a key no longer, and drop it from the file

A key that was replaced retires by itself, when nothing that it signed can be alive.
For one that has leaked: key rotate --now, then key retire. The app needs no restart.

Options:
  --json  print one JSON document
  --help  print this

Environment:
  APP_DATABASE  path of the app's database; its keys are kept beside it, in <path>.keys.json

Exit status: 0 done, 1 refused or failed, 2 misused.
`;

/** Not understood: the usage is shown, exit status 2. */
class UsageError extends Error {}

/** The commands, and how many keys each is told. */
const TAKES = new Map([
  ['list', 0],
  ['rotate', 0],
  ['retire', 1],
]);

interface Report {
  text: string;
  json: object;
}

/** As the app reckons: its keys sign nothing but client assertions. */
const TIMES = { tokenSeconds: CLIENT_ASSERTION_MAX_SECONDS };

async function run(): Promise<string> {
  const { values, positionals } = understand();
  if (values.help) return USAGE;
  const [group, command = '', ...taken] = positionals;
  const takes = TAKES.get(command);
  if (group !== 'key' || takes === undefined)
    throw new UsageError(`there is no command "${[group, command].join(' ').trim()}"`);
  if (taken.length < takes) throw new UsageError('KID is missing');
  if (taken.length > takes) throw new UsageError(`there is no place for "${taken[takes]}"`);
  if (values.now && command !== 'rotate') throw new UsageError('--now belongs to key rotate');
  const { APP_DATABASE } = readEnvironment(process.env, { APP_DATABASE: required(databasePath) });
  const { text: words, json } = await report(APP_DATABASE, command, taken[0] ?? '', values.now ?? false);
  return values.json ? `${JSON.stringify(json, null, 2)}\n` : words;
}

async function report(database: string, command: string, kid: string, immediate: boolean): Promise<Report> {
  if (command === 'list') {
    const keys = listKeys(database, TIMES);
    return { text: table(keys), json: keys };
  }
  if (command === 'retire') {
    const key = retireKey(database, kid, TIMES);
    return { text: `Retired the key ${kid}: it is published no longer.\n`, json: key };
  }
  const key = await rotateKey(database, { ...TIMES, immediate });
  const from = immediate ? 'it signs from now on' : `published now, it signs from ${time(key.activeFrom)}`;
  return { text: `Added the key ${key.kid}: ${from}.\n`, json: key };
}

function understand() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { now: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function table(keys: readonly ListedKey[]): string {
  const rows = keys.map((key) => [
    key.kid,
    key.state,
    time(key.createdAt),
    time(key.activeFrom),
    key.publishedUntil === null ? '-' : time(key.publishedUntil),
  ]);
  return [['KID', 'STATE', 'BORN', 'SIGNS FROM', 'PUBLISHED UNTIL'], ...rows]
    .map((cells) => `${cells.map((cell, column) => cell.padEnd([43, 8, 20, 20][column] ?? 0)).join('  ')}\n`)
    .join('');
}

/** ISO 8601 to the second, in UTC. */
function time(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}

try {
  process.stdout.write(await run());
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  if (error instanceof UsageError) process.stderr.write(`\n${USAGE}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
