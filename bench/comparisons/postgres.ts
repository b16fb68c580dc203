/**
 * The SSO service on PostgreSQL, compared with SQLite, and what a request costs: processor time at both
 * servers, and round trips between them.
 */
import type { Databases } from '../../scripts/site/site-settings.ts';
import { COUNTED_REQUESTS, startCounting } from '../database-use.ts';
import { maxRefusedShare, startPostgres } from '../postgres.ts';
import { isSignedIn, type Product, startProduct } from '../product.ts';
import { CONNECTIONS, type HttpRequest, type HttpResponse, hasJwt, type IsExpected } from '../requests.ts';
import { compare, type Plan, type Subject, sendOnce, sendRepeatedly } from '../rounds.ts';
import type { Cell, Table } from '../table.ts';

/** Enough that parallel requests seldom change the same session. */
const SESSION_COUNT = 1000;
/** As in the comparison of sign-ins. */
const SIGN_IN_CONNECTIONS = 2;
const MAX_ONE = '≤ 1';

/** A service with sessions. */
type Side = { readonly name: string; readonly product: Product; readonly cookies: readonly string[] };

type Step = {
  readonly name: string;
  readonly makeRequests: (side: Side, count: number) => Promise<HttpRequest[]> | HttpRequest[];
  readonly isExpected: IsExpected;
  /** Whether the service accepts a request only once. */
  readonly isOnce?: boolean;
  readonly connections?: number;
  readonly roundTripGoal?: string;
  readonly writeGoal?: string;
};

const steps: readonly Step[] = [
  {
    name: 'step 2',
    makeRequests: ({ product, cookies }, count) => cookies.slice(0, count).map(product.loginStatus),
    isExpected: isSignedIn,
    roundTripGoal: MAX_ONE,
  },
  {
    name: 'step 3',
    makeRequests: ({ product, cookies }, count) => cookies.slice(0, count).map(product.token),
    isExpected: hasJwt('token'),
    writeGoal: MAX_ONE,
  },
  {
    name: 'introspection',
    makeRequests: async ({ product, cookies }, count) => {
      const tokens = await product.issueTokens(cookies, count);
      return await Promise.all(tokens.map(product.introspection));
    },
    isExpected: isActive,
    isOnce: true,
    writeGoal: MAX_ONE,
  },
  {
    name: 'step 5',
    makeRequests: ({ product }, count) => product.logins.slice(0, count),
    isExpected: isSignedIn,
    connections: SIGN_IN_CONNECTIONS,
  },
];

export async function postgres(plan: Plan): Promise<Table> {
  const server = await startPostgres();
  // Other comparisons show that SQLite can run.
  const sides = plan.isQuick ? [] : [await startSide('SQLite')];
  const onPostgres = await startSide('PostgreSQL', await server.createDatabases());
  const count = await startCounting(onPostgres.product, server);
  const rows: Cell[][] = [];
  for (const step of steps) {
    const subjects = await Promise.all(sides.map((side) => toSubject(step, side)));
    const subject = await toSubject(step, onPostgres, {
      pids: [server.pid],
      maxFailureShare: maxRefusedShare(plan),
    });
    const results = await compare([...subjects, subject], plan);
    // After the rounds, because the first use of a session in a minute writes.
    const { roundTrips, writes } = await count(await step.makeRequests(onPostgres, COUNTED_REQUESTS));
    const uses = [`${roundTrips}`, step.roundTripGoal ?? null, `${writes}`, step.writeGoal ?? null];
    for (const { name, ratio, perSecond, p50Ms, p99Ms, cpuMs } of results) {
      const [service = null, database = null] = cpuMs.map(({ median }) => median);
      const times = [perSecond.median, p50Ms.median, p99Ms.median, service, database];
      rows.push([name, ratio, ...times, ...(database === null ? uses.map(() => null) : uses)]);
    }
  }
  return {
    headings: [
      '',
      ...['ratio', 'requests/s', 'p50 ms', 'p99 ms'],
      ...['SSO service, ms of processor time', 'PostgreSQL, ms'],
      ...['round trips', 'goal', 'transactions that write', 'goal'],
    ],
    rows,
  };
}

/** @param databases in PostgreSQL, in place of SQLite files */
async function startSide(name: string, databases?: Databases): Promise<Side> {
  // A round's tokens are issued before it begins.
  const product = await startProduct({ sso: { SSO_TOKEN_SECONDS: '600' } }, databases);
  return { name, product, cookies: await product.startSessions(SESSION_COUNT) };
}

/** @param database the server's processes, and how many requests the service may refuse because of it */
async function toSubject(
  { name, makeRequests, isExpected, isOnce = false, connections = CONNECTIONS }: Step,
  side: Side,
  database: { pids: readonly number[]; maxFailureShare: number } = { pids: [], maxFailureShare: 0 },
): Promise<Subject> {
  const fullName = `${name}, ${side.name}`;
  const { address, pid } = side.product.sso;
  const options = { connections, maxFailureShare: database.maxFailureShare };
  const prepare = async (count: number) => await makeRequests(side, count);
  const subject = isOnce
    ? sendOnce(fullName, address, prepare, isExpected, options)
    : sendRepeatedly(fullName, address, await prepare(SESSION_COUNT), isExpected, options);
  return { ...subject, pids: [pid ?? 0, ...database.pids] };
}

function isActive({ body }: HttpResponse): boolean {
  return JSON.parse(body).active === true;
}
