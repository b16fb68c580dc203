/** Reads a process's configuration. It loads no HTTP server, which a command line doesn't need. */
export * from './environment.ts';
export * from './networks.ts';
export * from './tls.ts';
