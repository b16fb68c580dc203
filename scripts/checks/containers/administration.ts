/** Runs the commands that docs/operations.md shows for containers. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demo, type Project, scaled } from './compose.ts';

const { compose, outputOf } = demo;

export function administrate(): void {
  const folder = mkdtempSync(join(tmpdir(), 'containers-'));
  try {
    administrateWith(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** On PostgreSQL, at one of the instances. The command line of any of them changes the database of all. */
export function administrateScaled(): void {
  const sso = commandLineOf(scaled, 'sso-1');
  sso(['account', 'add', 'joan', '--name', 'Joan Clarke', '--password-stdin'], 'bombes in the night');
  assert.deepEqual(usernames(commandLineOf(scaled, 'sso-2')), ['ada', 'grace', 'joan']);
  sso(['app', 'check']);
  for (const change of ['rotate', 'reseal']) {
    sso(['key', change]);
    scaled.outputOf(['exec', '-T', 'foo-1', 'node', 'packages/relying-app/src/cli.ts', 'key', change]);
  }
  const { kind, username }: Record<string, string> =
    JSON.parse(sso(['audit', '--json', '--limit', '100'])).find(
      (record: Record<string, string>) => record['kind'] === 'account added' && record['username'] === 'joan',
    ) ?? {};
  assert.deepEqual([kind, username], ['account added', 'joan']);
  sso(['account', 'remove', 'joan']);
  console.log('The operator’s commands work with several instances.');
}

function administrateWith(folder: string): void {
  const sso = commandLineOf(demo, 'sso');
  sso(['account', 'add', 'joan', '--name', 'Joan Clarke', '--password-stdin'], 'bombes in the night');
  writeFileSync(join(folder, 'people.jsonl'), `${JSON.stringify(person)}\n`);
  compose('cp', join(folder, 'people.jsonl'), 'sso:/data/people.jsonl');
  sso(['account', 'import', '/data/people.jsonl']);
  assert.deepEqual(usernames(sso), ['ada', 'alan', 'grace', 'joan']);

  sso(['app', 'check']);
  sso(['key', 'rotate']);
  outputOf(['exec', '-T', 'foo', 'node', 'packages/relying-app/src/cli.ts', 'key', 'rotate']);

  sso(['backup', '/data/copy.db']);
  compose('cp', 'sso:/data/copy.db', join(folder, 'copy.db'));
  compose('cp', 'sso:/data/copy.db.keys.json', join(folder, 'keys.json'));
  sso(['account', 'remove', 'joan']);

  // The image has no shell, and `compose cp` would make root the owner.
  compose('stop', 'sso');
  const run = ['run', '--rm', '--no-deps', '--no-TTY', 'sso'];
  for (const [name, file] of Object.entries({ 'sso.db': 'copy.db', 'sso.db.keys.json': 'keys.json' })) {
    const write = `fs.writeFileSync('/data/${name}', fs.readFileSync(0), { mode: 0o600 })`;
    outputOf([...run, 'node', '--eval', write], readFileSync(join(folder, file)));
  }
  const forget = `for (const suffix of ['wal', 'shm']) fs.rmSync('/data/sso.db-' + suffix, { force: true })`;
  outputOf([...run, 'node', '--eval', forget]);
  outputOf([...run, 'samesite-sso', 'session', 'end', '--all']);
  compose('up', '--no-recreate', '--wait', 'sso');
  assert.deepEqual(usernames(sso), ['ada', 'alan', 'grace', 'joan']);
  console.log('The operator’s commands work.');
}

type CommandLine = (command: readonly string[], input?: string) => string;

function commandLineOf(project: Project, service: string): CommandLine {
  return (command, input = '') =>
    project.outputOf(['exec', '-T', service, 'samesite-sso', ...command], input);
}

function usernames(sso: CommandLine): string[] {
  const accounts: { username: string }[] = JSON.parse(sso(['account', 'list', '--json']));
  return accounts.map(({ username }) => username).sort();
}

/** An account of another system. Its password isn't used here. */
const person = {
  username: 'alan',
  displayName: 'Alan Turing',
  passwordHash: '$2b$06$1ZHvfxdXd0/VNLwn0XrHZ.loAdzH9p./qhQyFUreNd1QG9POSyuWO',
};
