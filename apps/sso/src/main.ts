/** The SSO service as a process: environment → config → app → listen → close. */
import { nameDatabaseVariable } from '@samesite-sso/core';
import { runProcess } from '@samesite-sso/server';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';

await runProcess('SSO service', async (environment) => {
  const config = loadConfig(environment);
  return { app: await nameDatabaseVariable('SSO_DATABASE', () => buildApp(config)), listen: config.listen };
});
