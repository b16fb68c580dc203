/**
 * A newer version migrates the database beside running instances: they go on, and one of their version that
 * starts later refuses.
 */
import { PostgresDatabase, parsePostgresUrl } from '@samesite-sso/core';
import { expect, onTestFinished, test, vi } from 'vitest';
import { MIGRATIONS as SSO_MIGRATIONS } from '../../apps/sso/src/storage/postgres/schema.ts';
import { MIGRATIONS as APP_MIGRATIONS } from '../../packages/relying-app/src/storage/postgres/schema.ts';
import { postgresUrl, runOn } from '../support/postgres.ts';
import { type ClusterName, runningCluster, type Service } from '../support/process-cluster.ts';
import { expectTrueAuditTrailIn } from './invariants.ts';
import { SeededRandom } from './seeded-random.ts';
import { SsoConsistencyChecker } from './sso-consistency-checker.ts';

/** As a later version's: it only adds. */
const LATER_MIGRATIONS: Record<ClusterName, readonly string[]> = {
  sso: [
    ...SSO_MIGRATIONS,
    `ALTER TABLE sso_session ADD COLUMN later_column text NOT NULL DEFAULT '';
     ALTER TABLE account ADD COLUMN later_column bigint;
     CREATE TABLE later_table (sid text REFERENCES sso_session (sid) ON DELETE CASCADE)`,
  ],
  foo: [...APP_MIGRATIONS, 'ALTER TABLE app_session ADD COLUMN later_column boolean NOT NULL DEFAULT FALSE'],
};

test('instances go on beside a migrated database, and older ones refuse to start [T-CRASH-15]', async () => {
  const databases = { sso: await postgresUrl(), foo: await postgresUrl() };
  const cluster = await runningCluster({ databases });
  const { sso, foo } = cluster;
  const checker = new SsoConsistencyChecker(cluster, new SeededRandom());
  await checker.gatherPeople();
  const lostActs = await checker.runWhile(async () => {
    await checker.acts(50);
    await migrateAsLaterVersion('sso', databases.sso);
    await migrateAsLaterVersion('foo', databases.foo);
    await checker.acts(100);
    await Promise.all([sso.instances[1].stop(), foo.instances[1].stop()]);
    await checker.acts(20);
    await expectRefusalToStart(sso);
    await expectRefusalToStart(foo);
    await checker.acts(50);
  });
  expect(lostActs).toBe(0);
  for (const { balancer } of [sso, foo]) {
    expect(balancer.requests.filter(({ status }) => status >= 500)).toEqual([]);
  }
  await checker.expectAcknowledgedChanges();
  await checker.expectLastingEnds();
  await expectTrueAuditTrailIn(databases.sso);
});

/** With the product's own code, as a later version does when it starts. */
async function migrateAsLaterVersion(name: ClusterName, url: string): Promise<void> {
  const program = name === 'sso' ? 'sso' : 'app';
  const database = await PostgresDatabase.open(parsePostgresUrl(url), {
    program,
    migrations: LATER_MIGRATIONS[name],
  });
  await database.close();
  const { rows } = await runOn(url, 'SELECT version FROM samesite_sso_schema');
  expect(rows).toEqual([{ version: LATER_MIGRATIONS[name].length }]);
}

async function expectRefusalToStart({ name, instances }: Service): Promise<void> {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => said.mockRestore());
  await expect(instances[1].start()).rejects.toThrow(`${name} ended with status 1`);
  const variable = name === 'sso' ? 'SSO_DATABASE' : 'APP_DATABASE';
  const version = LATER_MIGRATIONS[name].length;
  const reason = `its schema version is ${version}, but this program supports only up to ${version - 1}\n`;
  const lines = said.mock.calls.map(([text]) => String(text));
  expect(lines).toEqual([expect.stringContaining(`can't start: ${variable}: postgres://`)]);
  expect(lines[0]).toContain(reason);
  said.mockRestore();
}
