/** The SSO service as a process: environment → config → server → listen → close. */
import { nameDatabaseVariable, nameSealingKeyVariable } from '@samesite-sso/core';
import { runProcess } from '@samesite-sso/server';
import { createSsoService } from './app.ts';
import { loadConfig } from './config.ts';

await runProcess('SSO service', async (environment) => {
  const config = loadConfig(environment);
  const server = await nameDatabaseVariable('SSO_DATABASE', () =>
    nameSealingKeyVariable('SSO_SEALING_KEY_FILE', () => createSsoService(config)),
  );
  // A load balancer sends requests as soon as the process listens. The first readiness check starts the
  // password hasher, so that no sign-in has to wait for it. The process then listens even if the check fails.
  await server.inject('/readyz');
  return { server, listen: config.listen };
});
