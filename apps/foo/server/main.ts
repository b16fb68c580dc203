/** The process of a demo app, foo or lorem. */
import { runApp } from './app.ts';
import { servePage } from './page.ts';

await runApp(servePage);
