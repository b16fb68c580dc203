/**
 * What all servers of the site share, relying apps included: problems, keys, the database, session cookies.
 * It is published with the packages that use it.
 */

export * from './database/postgres/named-parameters.ts';
export * from './database/postgres/postgres-database.ts';
export * from './database/postgres-url.ts';
export * from './database/slices.ts';
export { requireUsableDatabase } from './database/sqlite/database-file.ts';
export { requireFileNotMoved, requireNotMoved } from './database/sqlite/moved-mark.ts';
export * from './database/sqlite/sqlite-database.ts';
export * from './database/storable-text.ts';
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
export * from './keys/file-key-store.ts';
export { keyFileOf } from './keys/key-file.ts';
export * from './keys/key-ring.ts';
export * from './keys/key-rotation.ts';
export * from './keys/key-store.ts';
export * from './keys/postgres-key-store.ts';
export * from './keys/remote-keys.ts';
export * from './keys/sealing-keys.ts';
export * from './moving/move-to-postgres.ts';
export type { TablePlan } from './moving/table-plan.ts';
export * from './moving/target-url.ts';
export * from './problem/http-problem.ts';
export * from './problem/problem-responses.ts';
export * from './session/session-cookie.ts';
