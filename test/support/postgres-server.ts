/** Provides the tests of a project with a PostgreSQL server. */
import type { TestProject } from 'vitest/node';
import { openPostgresTestServer } from './postgres-test-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Any database of the server, for a superuser. */
    postgresUrl: string;
  }
}

/** Faster. The data needn't survive a crash, except in resilience tests. */
const WITHOUT_SYNC = ['-c', 'fsync=off', '-c', 'full_page_writes=off'];

/** Vitest's global setup: it runs once per project, before its tests. */
export default async function providePostgres(project: TestProject): Promise<() => Promise<void>> {
  const isDurable = project.name.startsWith('resilience');
  const folder = project.config.env?.['TMPDIR']; // Undefined in projects without variables.
  const server = await openPostgresTestServer(project.name, {
    ...(folder && { parentFolder: folder }),
    flags: ['-c', 'max_connections=300', ...(isDurable ? [] : WITHOUT_SYNC)],
  });
  project.provide('postgresUrl', server.url);
  return () => server.remove();
}
