/**
 * The app during development: Vite serves the page with hot reload on the app's own origin, so that cookies
 * and CORS work as in production. Not for production: the Content-Security-Policy must allow Vite's inline
 * scripts and its WebSocket.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { createServer } from 'vite';
import { runApp } from './app.ts';
import type { Config } from './config.ts';
import { fillSettings, servePage } from './page.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * The folders with the page's sources. By default, Vite serves the whole workspace, including the databases
 * and keys in `.data`. Packages from the registry are bundled in `.vite`.
 */
const SERVED_FOLDERS = [
  'page',
  'node_modules/.vite',
  '../../packages/browser',
  '../../packages/react',
  '../../packages/ui',
];

async function serve(app: FastifyInstance, config: Config): Promise<void> {
  const vite = await createServer({
    configFile: `${ROOT}vite.config.ts`,
    // The default imports a temporary copy of the file, which makes `node --watch` restart the process.
    configLoader: 'native',
    root: `${ROOT}page`,
    appType: 'custom',
    server: {
      middlewareMode: true,
      // By default, Vite lets every page on a loopback name read its responses.
      cors: false,
      fs: { allow: SERVED_FOLDERS.map((folder) => resolve(ROOT, folder)) },
      ws: { server: app.server },
      allowedHosts: [new URL(config.origin).hostname],
    },
  });
  app.get('/', async (_request, reply) => {
    const document = fillSettings(readFileSync(`${ROOT}page/index.html`, 'utf8'), config);
    reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8');
    return await vite.transformIndexHtml('/', document);
  });
  app.get('/*', (request, reply) => {
    reply.hijack();
    vite.middlewares(request.raw, reply.raw, () => reply.raw.writeHead(404).end());
  });
  app.addHook('onClose', () => vite.close());
}

const content = (config: Config) => ({
  ...servePage.content(config),
  'script-src': ["'self'", "'unsafe-inline'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'connect-src': ["'self'", config.ssoOrigin, config.origin.replace(/^http/, 'ws')],
});

await runApp(Object.assign(serve, { content }));
