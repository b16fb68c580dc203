/** The SSO service as a process: environment → config → app → listen → close. */
import { namingDatabase, runProcess } from '@samesite-sso/service';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';

await runProcess('SSO service', async (environment) => {
  const config = loadConfig(environment);
  return { app: await namingDatabase('SSO_DATABASE', () => buildApp(config)), listen: config.listen };
});
