/**
 * A process for `process.integration.test.ts`, which starts it: `node process-under-test.fixture.ts HOST PORT
 * ERROR`. It says "under way" once a request for `/slow` has come in, and responds only while it closes.
 */

import { ConfigError } from '@samesite-sso/core';
import { readTls } from '../config/tls.ts';
import { createWebServer } from '../http/web-server.ts';
import { runProcess } from './process.ts';

const [, , host = '127.0.0.1', port = '0', error] = process.argv;

await runProcess('the process', async (environment) => {
  if (error === 'two errors') throw new ConfigError(['FIRST is missing', 'SECOND is empty']);
  if (error === 'unforeseen') throw new TypeError('something broke');
  const tls = readTls(environment['TLS_CERT_FILE'], environment['TLS_KEY_FILE'], () => 'https://under.test');
  const server = await createWebServer({ logLevel: 'info', tls });
  const closing = Promise.withResolvers<void>();
  server.addHook('preClose', async () => closing.resolve());
  if (error === 'reload') server.decorate('reload', async () => server.log.info('reloading'));
  if (error === 'no reload') {
    server.decorate('reload', async () => {
      throw new Error('nothing to read');
    });
  }
  server.get('/', async () => ({}));
  server.get('/slow', async (request) => {
    process.stdout.write('under way\n');
    if (request.headers['x-for-ever'] === undefined) await closing.promise;
    else await new Promise(() => {});
    return { answered: true };
  });
  server.post('/sign-in', async () => ({ secret: 'hush-response' }));
  server.get('/broken', async () => {
    throw new Error('out of order');
  });
  server.get('/crash', async () => {
    setImmediate(() => {
      throw new Error('crashed');
    });
    return {};
  });
  return { server, listen: { host, port: Number(port) } };
});
