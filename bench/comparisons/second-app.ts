/**
 * How long a person waits until a second app knows them, in a real browser behind a network with a round trip
 * of 100 ms: our five steps, an OpenID Connect redirect, and a silent iframe.
 */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/site/ports.ts';
import { ROUND_TRIP_MS, startRelay } from '../browser/relay.ts';
import { clearLocalStorage, openBrowser, type SignInMethod, type Visits, visit } from '../browser/visits.ts';
import { bundle } from '../bundle.ts';
import { runUnpinned } from '../cores.ts';
import { newFolder } from '../data-folder.ts';
import { startProvider } from '../oidc-provider-requests.ts';
import { startPeer } from '../peers/peer.ts';
import { startProduct } from '../product.ts';
import type { Plan } from '../rounds.ts';
import { quartiles } from '../statistics.ts';
import type { Cell, Table } from '../table.ts';

const PASSWORD = 'correct horse battery staple';

export async function secondApp(plan: Plan): Promise<Table> {
  // The browser needs more than one core, and the servers have little to do.
  const rows = await runUnpinned(() => measureVisits(plan));
  return {
    headings: [
      '',
      'cold: signing in adds, ms',
      'round trips',
      'goal',
      'warm: signing in adds, ms',
      'round trips',
      'goal',
      'whole page cold, ms',
      'warm, ms',
    ],
    rows,
  };
}

/** Each visit starts from a copy of the profile in which the person has signed in. */
async function measureVisits({ rounds }: Plan): Promise<Cell[][]> {
  const methods = [await startFiveSteps(), ...(await startOpenIdConnect())];
  const measured: { method: SignInMethod; profile: string; visits: Visits[] }[] = [];
  for (const method of methods) measured.push({ method, profile: await signInOnce(method), visits: [] });
  for (let round = 1; round <= rounds; round += 1) {
    for (const { method, profile, visits } of measured) {
      const copy = newFolder('profile');
      cpSync(profile, copy, { recursive: true, verbatimSymlinks: true });
      visits.push(await visit(method, copy));
    }
  }
  return measured.map(({ method, visits }) => toRow(method, visits));
}

/** @returns the folder of the profile */
async function signInOnce(method: SignInMethod): Promise<string> {
  const profile = newFolder('profile');
  const context = await openBrowser(method, profile);
  await method.signIn(context);
  await context.close();
  return profile;
}

function toRow({ name, goals }: SignInMethod, visits: readonly Visits[]): Cell[] {
  const cold = quartiles(visits.map(({ coldMs, coldSignedInMs }) => coldMs - coldSignedInMs));
  const warm = quartiles(visits.map(({ warmMs, warmSignedInMs }) => warmMs - warmSignedInMs));
  return [
    name,
    ...[cold, cold.median / ROUND_TRIP_MS, goals?.cold ?? null],
    ...[warm, warm.median / ROUND_TRIP_MS, goals?.warm ?? null],
    quartiles(visits.map(({ coldMs }) => coldMs)).median,
    quartiles(visits.map(({ warmMs }) => warmMs)).median,
  ];
}

async function startFiveSteps(): Promise<SignInMethod> {
  const product = await startProduct();
  const relays = await startRelays([product.sso, product.foo, product.lorem]);
  return {
    name: 'this repository, five steps',
    url: product.lorem.origin,
    relays,
    goals: { cold: '≤ 3.0', warm: '≤ 2.0' },
    signIn: async (context) => {
      const page = await context.newPage();
      await page.goto(product.foo.origin);
      await page.getByLabel('Username').fill('person-0');
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
    },
    forget: async (context) => {
      await context.clearCookies({ name: '__Host-app' });
      // The browser package remembers here until when the app session lasts.
      await clearLocalStorage(context, product.lorem.origin);
    },
  };
}

async function startOpenIdConnect(): Promise<SignInMethod[]> {
  const port = await freePort();
  const origin = `http://rp.app.example.localhost:${port}`;
  const secret = crypto.randomUUID();
  const provider = await startProvider(
    [
      { client_id: 'app', client_secret: secret, redirect_uris: [`${origin}/callback`] },
      { client_id: 'spa', token_endpoint_auth_method: 'none', redirect_uris: [`${origin}/silent`] },
    ],
    'op.example.localhost',
  );
  const script = join(newFolder('script'), 'spa.js');
  writeFileSync(script, await bundle('bundles/spa.ts'));
  const { issuer, address: issuerAddress } = provider;
  const settings = { issuer, issuerAddress, origin, secret, script };
  const app = await startPeer('relying-party', { PORT: String(port), SETTINGS: JSON.stringify(settings) });
  const relays = await startRelays([
    { origin: issuer, address: issuerAddress },
    { origin, address: app.address },
  ]);
  const signIn: SignInMethod['signIn'] = async (context) => {
    const page = await context.newPage();
    await page.goto(`${origin}/app`);
    await page.locator('[name=login]').fill('ada');
    await page.locator('[name=password]').fill(PASSWORD);
    await page.locator('[type=submit]').click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  };
  return [
    {
      name: 'OpenID Connect redirect',
      url: `${origin}/app`,
      relays,
      signIn,
      forget: (context) => context.clearCookies({ name: 'session' }),
    },
    {
      name: 'silent iframe',
      url: `${origin}/spa`,
      relays,
      signIn,
      forget: (context) => clearLocalStorage(context, origin),
    },
  ];
}

type Server = { readonly origin: string; readonly address: string };

/** @returns the ports of the relays, by the host of the server behind each */
async function startRelays(servers: readonly Server[]): Promise<SignInMethod['relays']> {
  const relays: Record<string, number> = {};
  for (const { origin, address } of servers) {
    relays[new URL(origin).hostname] = await startRelay(Number(new URL(address).port));
  }
  return relays;
}
