/**
 * Checks the containers of nginx and PostgreSQL, in which there is no Node to run facts.ts, from outside: how
 * the engine runs them, as whom, and what nginx's image contains.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker, type Project } from './compose.ts';

/** Part of what `docker inspect` says. */
interface Inspected {
  readonly Config: { readonly User: string; readonly Env: readonly string[] };
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly NetworkSettings: {
    readonly Ports: Readonly<Record<string, readonly { HostIp: string }[] | null>>;
  };
  readonly Mounts: readonly { readonly Type: string; readonly Destination: string; readonly RW: boolean }[];
}

export function inspectNginx(project: Project): void {
  const id = project.idOf('nginx');
  const { Config, NetworkSettings, Mounts } = inspectHardened(id);
  assert.equal(Config.User, 'node');
  assert.deepEqual(Mounts, []);
  const published = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
  assert.deepEqual(
    published.map(({ HostIp }) => HostIp),
    ['127.0.0.1', '127.0.0.1'],
  );
  assert.deepEqual(programsIn(id), ['usr/sbin/nginx']);
  console.log('No violations in nginx: it is the only program there.');
}

export function inspectPostgres(project: Project): void {
  const id = project.idOf('postgres');
  const { Config, NetworkSettings, Mounts } = inspectHardened(id);
  assert.equal(Config.User, 'postgres');
  assert.deepEqual(
    Config.Env.filter((variable) => /password/i.test(variable)),
    [],
  );
  assert.deepEqual(
    Object.values(NetworkSettings.Ports).filter((bindings) => bindings !== null),
    [],
  );
  const writable = Mounts.filter(({ RW }) => RW).map(({ Destination }) => Destination);
  assert.deepEqual(writable, ['/var/lib/postgresql']);
  const status = project.outputOf(['exec', '-T', 'postgres', 'cat', '/proc/1/status', '/proc/self/status']);
  assert.deepEqual(
    status.match(/^CapBnd:.*$/gm)?.map((line) => line.split(/\s+/)[1]),
    ['0000000000000000', '0000000000000000'],
  );
  console.log('No violations in postgres: none of its ports is published.');
}

function inspectHardened(id: string): Inspected {
  const [inspected]: Inspected[] = JSON.parse(docker(['inspect', id]));
  if (inspected === undefined) throw new Error(`There is no container ${id}`);
  const { ReadonlyRootfs, CapAdd, CapDrop, Privileged, SecurityOpt, IpcMode, Memory, PidsLimit } =
    inspected.HostConfig;
  assert.deepEqual(
    { ReadonlyRootfs, CapAdd, CapDrop, Privileged, SecurityOpt, IpcMode },
    {
      ReadonlyRootfs: true,
      CapAdd: null,
      CapDrop: ['ALL'],
      Privileged: false,
      SecurityOpt: ['no-new-privileges:true'],
      IpcMode: 'none',
    },
  );
  assert.ok(Number(Memory) > 0 && Number(PidsLimit) > 0);
  const [, ...owners] = docker(['top', id, '-eo', 'uid,pid,comm']).trim().split('\n');
  assert.ok(owners.length > 0);
  assert.deepEqual(
    owners.filter((owner) => /^\s*0\s/.test(owner)),
    [],
  );
  return inspected;
}

/** The files of an image that aren't libraries, settings, or made by the engine. */
function programsIn(id: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'image-'));
  try {
    docker(['export', '--output', join(folder, 'image.tar'), id]);
    const { stdout } = spawnSync('tar', ['-tf', join(folder, 'image.tar')], { encoding: 'utf8' });
    const isOther = /\/$|^(etc|dev)\/|^\.dockerenv$|\.so(\.\d+)*$|^s?bin\/docker-init$/;
    return stdout.split('\n').filter((path) => path !== '' && !isOther.test(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
