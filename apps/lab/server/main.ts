/** The process of the lab: demo equipment, which refuses any origin that isn't on a loopback name. */
import { runLab } from './lab.ts';
import { servePage } from './page.ts';

await runLab(servePage);
