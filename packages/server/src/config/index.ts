/** Reads a process's configuration, without loading an HTTP server that a command line doesn't need. */
export * from './environment.ts';
export * from './networks.ts';
export * from './tls.ts';
