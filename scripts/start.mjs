/**
 * `npm start`: installs what is missing and runs the demo until Ctrl-C. Runs on any Node from 20 up; the demo
 * itself, in demo.ts, runs on Node 24.
 */
import { installWhatIsMissing } from './install.mjs';
import { continueOnNode24 } from './node24.mjs';

installWhatIsMissing();
continueOnNode24('scripts/demo/demo.ts');
