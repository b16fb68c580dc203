/**
 * Step 3 on PostgreSQL by the number of instances and of their connections, compared with SQLite. Each token
 * is a commit, and PostgreSQL waits for the disk once for all commits that are due at that time.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { runUnpinned } from '../cores.ts';
import { type Load, load } from '../load/load.ts';
import { maxRefusedShare, type PostgresServer, startPostgres } from '../postgres.ts';
import { startProduct } from '../product.ts';
import { CONNECTIONS, type HttpRequest, hasJwt, sendAll } from '../requests.ts';
import { compare, type Plan, type Subject, sendRepeatedly } from '../rounds.ts';
import { quartiles } from '../statistics.ts';
import type { Table } from '../table.ts';

/** Enough that parallel requests seldom change the same session. */
const SESSION_COUNT = 1000;
/** No token expires meanwhile: purging those of one round would take time from another. */
const SETTINGS = { sso: { SSO_TOKEN_SECONDS: '600' } };
/**
 * With one connection, 32 requests at once wait for longer than the service lets them. Two instances of each
 * size and the rest of the site stay below the server's limit of 100.
 */
const POOL_SIZES = [2, 5, 10];
/** After it, each process of the server reports its syncs at the end of its next transaction. */
const REPORT_INTERVAL_MS = 1000;

export async function postgresConnections(plan: Plan): Promise<Table> {
  // Two instances and PostgreSQL can use more than one core.
  return await runUnpinned(() => measure(plan));
}

async function measure(plan: Plan): Promise<Table> {
  const server = await startPostgres();
  const clusters = await startClusters(plan, server);
  const subjects = clusters.map(({ subject }) => subject);
  // Other comparisons show that SQLite can run.
  if (!plan.isQuick) subjects.unshift(await startSqlite());
  const results = await compare(subjects, plan);
  return {
    headings: ['', 'ratio', 'requests/s', 'p50 ms', 'p99 ms', 'tokens per sync'],
    rows: results.map(({ name, ratio, perSecond, p50Ms, p99Ms }) => {
      const cluster = clusters.find(({ subject }) => subject.name === name);
      const perSync = cluster?.perSync.slice(-plan.rounds); // Without the warm-up.
      const rest = [perSecond.median, p50Ms.median, p99Ms.median, perSync ? quartiles(perSync) : null];
      return [name, ratio, ...rest];
    }),
  };
}

async function startSqlite(): Promise<Subject> {
  const product = await startProduct(SETTINGS);
  const requests = (await product.startSessions(SESSION_COUNT)).map(product.token);
  return sendRepeatedly('SQLite', product.sso.address, requests, hasJwt('token'));
}

type Cluster = {
  readonly subject: Subject;
  /** How many tokens the server stored per wait for the disk, in each measurement. */
  readonly perSync: readonly number[];
};

/** Starts two instances for each size of their pools: one alone is a cluster, and both are. */
async function startClusters(plan: Plan, server: PostgresServer): Promise<Cluster[]> {
  const product = await startProduct(SETTINGS, await server.createDatabases());
  const requests = (await product.startSessions(SESSION_COUNT)).map(product.token);
  const pairs: { poolSize: number; addresses: string[] }[] = [];
  for (const poolSize of plan.isQuick ? POOL_SIZES.slice(-1) : POOL_SIZES) {
    const start = () => product.startInstance(`${product.database}?pool_size=${poolSize}`);
    const instances = await Promise.all([start(), start()]);
    pairs.push({ poolSize, addresses: instances.map(({ address }) => address) });
  }
  const maxFailureShare = maxRefusedShare(plan);
  return (plan.isQuick ? [2] : [1, 2]).flatMap((count) =>
    pairs.map(({ poolSize, addresses }) => {
      const connections = `${poolSize} connections`;
      const name = count === 1 ? `1 instance, ${connections}` : `${count} instances, ${connections} each`;
      return toCluster(name, { addresses: addresses.slice(0, count), requests, maxFailureShare, server });
    }),
  );
}

type SharedLoad = {
  /** Of the instances. */
  readonly addresses: readonly string[];
  readonly requests: readonly HttpRequest[];
  readonly maxFailureShare: number;
};

function toCluster(name: string, { server, ...shared }: SharedLoad & { server: PostgresServer }): Cluster {
  const { addresses, requests } = shared;
  const perSync: number[] = [];
  const measureOnce = async (seconds: number) => {
    const before = await server.countSyncs();
    const result = await loadAll(shared, seconds);
    await delay(REPORT_INTERVAL_MS);
    const last = requests.slice(0, CONNECTIONS); // Enough that every connection gets one.
    await Promise.all(addresses.map((address) => sendAll(address, last)));
    perSync.push(result.responses / ((await server.countSyncs()) - before));
    return result;
  };
  const [address = ''] = addresses;
  const subject = { ...sendRepeatedly(name, address, requests, hasJwt('token')), measure: measureOnce };
  return { subject, perSync };
}

/** @returns the latencies of the slower instance */
async function loadAll({ addresses, requests, maxFailureShare }: SharedLoad, seconds: number): Promise<Load> {
  const options = { seconds, connections: CONNECTIONS / addresses.length, maxFailureShare };
  const loads = await Promise.all(addresses.map((address) => load(address, requests, options)));
  const sum = (member: 'responses' | 'failures') => loads.reduce((total, each) => total + each[member], 0);
  const max = (member: Exclude<keyof Load, 'responses' | 'failures'>) =>
    Math.max(...loads.map((each) => each[member]));
  return {
    responses: sum('responses'),
    failures: sum('failures'),
    ...{ seconds: max('seconds'), p50Ms: max('p50Ms'), p99Ms: max('p99Ms'), maxMs: max('maxMs') },
  };
}
