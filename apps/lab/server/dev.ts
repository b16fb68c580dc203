/**
 * The lab during development: Vite serves the page with hot reload on the lab's own origin. Not for
 * `npm start`: the Content-Security-Policy must allow Vite's inline scripts and its WebSocket.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { createServer } from 'vite';
import type { Config } from './config.ts';
import { hostOf } from './hosts.ts';
import { runLab } from './lab.ts';
import { fillSettings, servePage, VIEWS } from './page.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * The folders of the page's sources. Vite would otherwise serve the whole workspace, including the databases
 * and keys in `.data`. It bundles packages from the registry into `.vite`.
 */
const SERVED_FOLDERS = ['page', 'cors', 'exchange', 'experiments', 'node_modules/.vite', '../../packages/ui'];

async function serve(scope: FastifyInstance, config: Config): Promise<void> {
  const vite = await createServer({
    configFile: `${ROOT}vite.config.ts`,
    // The default imports a temporary copy of the file, for which `node --watch` would restart this process.
    configLoader: 'native',
    root: `${ROOT}page`,
    appType: 'custom',
    server: {
      middlewareMode: true,
      // Vite's default lets every page on a loopback name read what it serves.
      cors: false,
      fs: { allow: SERVED_FOLDERS.map((folder) => resolve(ROOT, folder)) },
      ws: { server: scope.server },
      allowedHosts: [new URL(config.origin).hostname],
    },
  });
  for (const view of VIEWS) {
    scope.get(view, async (_request, reply) => {
      const document = fillSettings(readFileSync(`${ROOT}page/index.html`, 'utf8'), config);
      reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8');
      return await vite.transformIndexHtml('/', document);
    });
  }
  // The host constraint distinguishes this route from the one for unknown paths.
  scope.get('/*', { constraints: { host: hostOf(config.origin) } }, (request, reply) => {
    reply.hijack();
    vite.middlewares(request.raw, reply.raw, () => reply.raw.writeHead(404).end());
  });
  scope.addHook('onClose', () => vite.close());
}

const content = (config: Config) => ({
  ...servePage.content(config),
  'script-src': ["'self'", "'unsafe-inline'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'connect-src': [
    "'self'",
    config.sameSiteOrigin,
    config.crossSiteOrigin,
    config.origin.replace(/^http/, 'ws'),
  ],
});

await runLab(Object.assign(serve, { content }));
