/** For this repository's own servers only: process, HTTP and log. `./config` reads their configuration. */
export * from './http/hardening/security-headers.ts';
export * from './http/health.ts';
export * from './http/trusted-proxies.ts';
export * from './http/web-server.ts';
export { noteClient } from './log/request-log.ts';
export * from './process/process.ts';
