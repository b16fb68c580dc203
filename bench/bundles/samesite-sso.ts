export { createSso } from '../../packages/browser/src/index.ts';
