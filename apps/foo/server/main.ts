/** The process of a demo app, foo or lorem: environment → config → app → listen → close. */
import { nameDatabaseVariable } from '@samesite-sso/core';
import { runProcess } from '@samesite-sso/server';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';
import { servePage } from './page.ts';

await runProcess('app', async (environment) => {
  const config = loadConfig(environment);
  const app = await nameDatabaseVariable('APP_DATABASE', () => buildApp(config, servePage));
  return { app, listen: config.listen };
});
