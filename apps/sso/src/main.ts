/** The SSO service as a process: environment → config → app → listen → close. */
import { runProcess } from '@samesite-sso/service';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';

await runProcess('SSO service', async (environment) => {
  const config = loadConfig(environment);
  return { app: await buildApp(config), listen: config.listen };
});
