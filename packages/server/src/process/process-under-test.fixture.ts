/**
 * A process for `process.integration.test.ts`, which starts it: `node process-under-test.fixture.ts HOST PORT
 * ERROR`. It says "under way" once a request for `/slow` has come in, and responds only while it closes.
 */

import { ConfigError } from '@samesite-sso/core';
import { readTls } from '../http/tls.ts';
import { createWebServer } from '../http/web-server.ts';
import { runProcess } from './process.ts';

const [, , host = '127.0.0.1', port = '0', error] = process.argv;

await runProcess('the process', async (environment) => {
  if (error === 'two errors') throw new ConfigError(['FIRST is missing', 'SECOND is empty']);
  if (error === 'unforeseen') throw new TypeError('something broke');
  const tls = readTls(environment['TLS_CERT_FILE'], environment['TLS_KEY_FILE'], () => 'https://under.test');
  const app = await createWebServer({ logLevel: 'info', tls });
  const closing = Promise.withResolvers<void>();
  app.addHook('preClose', async () => closing.resolve());
  app.get('/', async () => ({}));
  app.get('/slow', async (request) => {
    process.stdout.write('under way\n');
    if (request.headers['x-for-ever'] === undefined) await closing.promise;
    else await new Promise(() => {});
    return { answered: true };
  });
  app.post('/sign-in', async () => ({ secret: 'hush-response' }));
  app.get('/broken', async () => {
    throw new Error('out of order');
  });
  app.get('/crash', async () => {
    setImmediate(() => {
      throw new Error('crashed');
    });
    return {};
  });
  return { app, listen: { host, port: Number(port) } };
});
