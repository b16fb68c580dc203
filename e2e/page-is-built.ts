/** Before the first story: the page that the apps serve is the one that the sources say. */
import { buildPageIfOutdated } from '../scripts/build/page-build.ts';

export default buildPageIfOutdated;
