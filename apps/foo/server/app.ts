/** The demo app as a Fastify server: the plugin's endpoints, one protected route, and the page. */
import { nameDatabaseVariable, nameSealingKeyVariable } from '@samesite-sso/core';
import { relyingApp } from '@samesite-sso/relying-app';
import { createWebServer, health, runProcess, securityHeaders } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import { type Config, loadConfig } from './config.ts';

/** Serves the page: the built one (`page.ts`), or one with hot reload (`dev.ts`). */
export interface PageServer {
  (app: FastifyInstance, config: Config): Promise<void>;
  /** The Content-Security-Policy directives that the page needs. */
  content(config: Config): Record<string, string[]>;
}

/** Runs the app's process: environment → config → app → listen → close. */
export async function runApp(servePage: PageServer): Promise<void> {
  await runProcess('app', async (environment) => {
    const config = loadConfig(environment);
    const app = await nameDatabaseVariable('APP_DATABASE', () =>
      nameSealingKeyVariable('APP_SEALING_KEY_FILE', () => buildApp(config, servePage)),
    );
    return { server: app, listen: config.listen };
  });
}

/**
 * @param clock the current time in milliseconds since the epoch; by default the system's
 * @throws {ConfigError} when the config or the database can't be used
 */
export async function buildApp(
  config: Config,
  servePage: PageServer,
  clock?: () => number,
): Promise<FastifyInstance> {
  const app = await createWebServer(config);
  await app.register(securityHeaders, { origin: config.origin, csp: servePage.content(config) });
  // Steps 1 and 4.
  const { origin, ssoOrigin, ssoServerUrl, database, sealingKeyFile, sessionSeconds } = config;
  const optional = { ...(sealingKeyFile !== null && { sealingKeyFile }), ...(clock && { clock }) };
  await app.register(relyingApp, { origin, ssoOrigin, ssoServerUrl, database, sessionSeconds, ...optional });

  app.get('/api/me', async (request, reply) => {
    reply.header('Cache-Control', 'no-store'); // Set first, so that a 401 has it, too.
    const { account, startedAt, endsAt } = await app.sso.requireSession(request);
    const session = { startedAt: new Date(startedAt).toISOString(), endsAt: new Date(endsAt).toISOString() };
    return { account, session };
  });

  // Needs a recent sign-in with two factors. The page obtains it in place.
  app.get('/api/payslip', async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    const { account } = await app.sso.requireSession(request, { maxAge: 600, factors: 2 });
    return { accountId: account.id, month: 'November 2026', netPay: '3,141.59' };
  });

  // Needs a group. The app session knows the groups as they were at its last step 4. For the whole app, the
  // registry's "groups" require one, and end the app session of a person who leaves it.
  app.get('/api/reports', async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    await app.sso.requireSession(request, { group: 'staff' });
    return { reports: [{ title: 'Notes on the Analytical Engine', pages: 66 }] };
  });

  await app.register(health, { isReady: () => app.sso.isReady() });
  await servePage(app, config);
  return app;
}
