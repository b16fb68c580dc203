/**
 * What a Fastify service of the site stands on, on either side of the wire: its environment, its process,
 * its web server, its database, its keys. Nothing here knows a step of the flow.
 */
export { AddressRanges } from './address-ranges.ts';
export * from './backoff.ts';
export * from './bounded-fetch.ts';
export * from './database.ts';
export * from './environment.ts';
export { databasePathFault, databasePathReason } from './file-path.ts';
export * from './health.ts';
export * from './json-file.ts';
export * from './json-only.ts';
export * from './jwt-fault.ts';
export { keyFileOf } from './key-file.ts';
export * from './key-ring.ts';
export * from './key-rotation.ts';
export * from './origins.ts';
export * from './own-origin.ts';
export * from './printable.ts';
export { OPEN_FILES_VARIABLE, requirePrivateDatabase } from './private-file.ts';
export * from './problem-replies.ts';
export * from './process.ts';
export * from './refusal.ts';
export * from './remote-keys.ts';
export { noteClient } from './request-log.ts';
export * from './security-headers.ts';
export * from './session-cookie.ts';
export * from './session-secret.ts';
export * from './start-fault.ts';
export * from './text-file.ts';
export * from './tls.ts';
export * from './trusted-proxies.ts';
export * from './web-server.ts';
