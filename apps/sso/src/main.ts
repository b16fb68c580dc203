/** The SSO service as a process: environment → config → server → listen → close. */
import { nameDatabaseVariable } from '@samesite-sso/core';
import { runProcess } from '@samesite-sso/server';
import { createSsoService } from './app.ts';
import { loadConfig } from './config.ts';

await runProcess('SSO service', async (environment) => {
  const config = loadConfig(environment);
  const server = await nameDatabaseVariable('SSO_DATABASE', () => createSsoService(config));
  // The first readiness check starts the password hasher, so that the first sign-in doesn't wait for it. The
  // check fails if a signal has already closed the server.
  server.addHook('onListen', async () => void server.inject('/readyz').catch(() => {}));
  return { server, listen: config.listen };
});
