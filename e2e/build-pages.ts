/** Builds the pages before the first story if they are older than their sources. */
import { buildPagesIfOutdated } from '../scripts/build/page-build.ts';

export default () => buildPagesIfOutdated();
