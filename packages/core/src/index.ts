/**
 * What all servers of the site share, relying apps included: problems, keys, the database, session cookies.
 * It is published with the packages that use it.
 */
export * from './database/database.ts';
export { requireUsableDatabase } from './database/database-file.ts';
export * from './database/slices.ts';
export * from './files/config-error.ts';
export * from './files/escape-control-characters.ts';
export * from './files/file-path.ts';
export * from './files/private-file.ts';
export * from './files/text-file.ts';
export * from './http/backoff.ts';
export * from './http/bounded-fetch.ts';
export * from './http/json-body.ts';
export * from './http/origins.ts';
export * from './http/same-origin.ts';
export * from './http/with-schemas.ts';
export { keyFileOf } from './keys/key-file.ts';
export * from './keys/key-ring.ts';
export * from './keys/key-rotation.ts';
export * from './keys/remote-keys.ts';
export * from './problem/http-problem.ts';
export * from './problem/problem-responses.ts';
export * from './session/session-cookie.ts';
