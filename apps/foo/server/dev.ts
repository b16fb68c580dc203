/**
 * The app during development: Vite serves the page with hot reload on the app's own origin, so that cookies
 * and CORS work as in production. Not for production: the Content-Security-Policy must allow Vite's inline
 * scripts and its WebSocket.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { createServer } from 'vite';
import { runApp } from './app.ts';
import type { Config } from './config.ts';
import { fillSettings, servePage } from './page.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

async function serve(app: FastifyInstance, config: Config): Promise<void> {
  const vite = await createServer({
    configFile: `${ROOT}vite.config.ts`,
    root: `${ROOT}page`,
    appType: 'custom',
    server: {
      middlewareMode: true,
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
