/**
 * `npm test`: installs what is missing and runs every stage of stages.ts. Runs on any Node from 20 up; the
 * stages run on Node 24.
 */
import { installWhatIsMissing } from './install.mjs';
import { continueOnNode24 } from './node24.mjs';

installWhatIsMissing();
continueOnNode24('scripts/checks/run-stages.ts', 'test');
