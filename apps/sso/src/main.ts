/** The SSO service as a process: environment → config → app → listen → close. */
import { namingDatabase } from '@samesite-sso/core';
import { runProcess } from '@samesite-sso/server';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';

await runProcess('SSO service', async (environment) => {
  const config = loadConfig(environment);
  return { app: await namingDatabase('SSO_DATABASE', () => buildApp(config)), listen: config.listen };
});
