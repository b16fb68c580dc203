/** Before the first story: the pages that are served are the ones that the sources say. */
import { buildPagesIfOutdated } from '../scripts/build/page-build.ts';

export default () => buildPagesIfOutdated();
