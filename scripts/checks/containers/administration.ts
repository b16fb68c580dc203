/** Runs the commands that docs/operations.md shows for containers. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose, outputOf } from './compose.ts';

export function administrate(): void {
  const folder = mkdtempSync(join(tmpdir(), 'containers-'));
  try {
    administrateWith(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function administrateWith(folder: string): void {
  sso(['account', 'add', 'joan', '--name', 'Joan Clarke', '--password-stdin'], 'bombes in the night');
  writeFileSync(join(folder, 'people.jsonl'), `${JSON.stringify(person)}\n`);
  compose('cp', join(folder, 'people.jsonl'), 'sso:/data/people.jsonl');
  sso(['account', 'import', '/data/people.jsonl']);
  assert.deepEqual(usernames(), ['ada', 'alan', 'grace', 'joan']);

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
  assert.deepEqual(usernames(), ['ada', 'alan', 'grace', 'joan']);
  console.log('The operator’s commands work.');
}

function usernames(): string[] {
  const accounts: { username: string }[] = JSON.parse(sso(['account', 'list', '--json']));
  return accounts.map(({ username }) => username).sort();
}

function sso(command: readonly string[], input = ''): string {
  return outputOf(['exec', '-T', 'sso', 'samesite-sso', ...command], input);
}

/** An account of another system. Its password isn't used here. */
const person = {
  username: 'alan',
  displayName: 'Alan Turing',
  passwordHash: '$2b$06$1ZHvfxdXd0/VNLwn0XrHZ.loAdzH9p./qhQyFUreNd1QG9POSyuWO',
};
