/** For this repository's own servers only: process, environment, HTTP and log. */
export * from './config/environment.ts';
export * from './config/networks.ts';
export * from './http/hardening/security-headers.ts';
export * from './http/health.ts';
export * from './http/tls.ts';
export * from './http/trusted-proxies.ts';
export * from './http/web-server.ts';
export { noteClient } from './log/request-log.ts';
export * from './process/process.ts';
