/**
 * The lab as a Fastify server: the inspector's reports and stream, the runs of experiments and their targets,
 * the alternatives to CORS, and the page.
 */
import { randomBytes } from 'node:crypto';
import { API_CSP, createWebServer, health, runProcess, securityHeaders } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import { jsonp, jsonpReader } from './alternatives/jsonp.ts';
import { proxy } from './alternatives/proxy.ts';
import { publicApi } from './alternatives/public-api.ts';
import { status } from './alternatives/status.ts';
import { type Config, loadConfig } from './config.ts';
import { documentFiles } from './documents.ts';
import { exchangeStream } from './exchange-stream.ts';
import { Hosts } from './hosts.ts';
import { requireOwnPage } from './own-page.ts';
import { RecentExchanges } from './recent-exchanges.ts';
import { keepReportFile } from './report-file.ts';
import { reports } from './reports.ts';
import { runRoutes } from './run-routes.ts';
import { Runs } from './runs.ts';
import { cookieRoute } from './target-cookies.ts';
import { targets } from './targets.ts';

const SECRET_BYTES = 32;

/** Serves the page: the built one (`page.ts`), or one with hot reload (`dev.ts`). */
export interface PageServer {
  (scope: FastifyInstance, config: Config): Promise<void>;
  /** The Content-Security-Policy directives that the page needs. */
  content(config: Config): Record<string, string[]>;
}

/** Runs the lab's process: environment → config → server → listen → close. */
export async function runLab(servePage: PageServer): Promise<void> {
  await runProcess('lab', async (environment) => {
    const config = loadConfig(environment);
    return { server: await buildLab(config, servePage), listen: config.listen };
  });
}

/** @param secret the secret that reports must carry; written to the report file once the server listens */
export async function buildLab(
  config: Config,
  servePage: PageServer,
  secret: string = randomBytes(SECRET_BYTES).toString('base64url'),
): Promise<FastifyInstance> {
  const server = await createWebServer(config);
  const hosts = new Hosts(config);
  const exchanges = new RecentExchanges(Date.now());
  const runs = new Runs();
  keepReportFile(server, config, secret, failStart);
  await server.register(targets, { hosts, runs });

  await server.register(async (scope) => {
    await scope.register(securityHeaders, { origin: config.origin, csp: servePage.content(config) });
    scope.addHook('onRequest', hosts.require('same-origin'));
    await servePage(scope, config);
  });

  await server.register(async (scope) => {
    await scope.register(securityHeaders, { origin: config.origin, csp: API_CSP });
    // Catches unknown paths of every scope, so that their responses also have the security headers.
    scope.all('/*', (_request, reply) => reply.callNotFound());
    await scope.register(health, { isReady: async () => true });
    await scope.register(reports, { exchanges, secret });
    await scope.register(async (own) => {
      own.addHook('onRequest', hosts.require('same-origin'));
      own.addHook('onRequest', requireOwnPage(config.origin));
      await own.register(exchangeStream, { exchanges });
      await own.register(runRoutes, { runs });
      await own.register(proxy, { config });
    });
    await scope.register(cookieRoute, { hosts });
    await scope.register(documentFiles, { hosts });
    await scope.register(status, { hosts, origin: config.origin });
    await scope.register(publicApi, { hosts });
    await scope.register(jsonp, { hosts });
    await scope.register(jsonpReader, { hosts, config });
  });
  return server;
}

/** Without the file, no reporter would find the lab. */
function failStart({ message }: Error): void {
  process.stderr.write(`lab can't start: ${message}\n`);
  process.exit(1);
}
