/**
 * Runs a server as a process: reads the environment, builds the server, listens, and closes. If it can't
 * start, it writes one line per error to standard error and exits with status 1. On SIGTERM and SIGINT it
 * finishes the requests in progress and exits with status 0. On SIGHUP it calls the server's `reload`.
 */
import { lookup } from 'node:dns/promises';
import { ConfigError, describeError } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';
import type { Environment, HostAndPort } from '../config/environment.ts';
import { closeLog } from '../log/log-destination.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Rereads the configuration that can change without a restart. Missing if nothing can. */
    reload?: () => Promise<void>;
  }
}

/**
 * For requests in progress after a signal, including the time that draining takes. Supervisors often wait ten
 * seconds before they kill.
 */
const CLOSE_TIMEOUT_MS = 8000;

/**
 * @param name the process's name in messages to its operator
 * @param build makes the server from the environment
 */
export async function runProcess(
  name: string,
  build: (environment: Environment) => Promise<{ server: FastifyInstance; listen: HostAndPort }>,
): Promise<void> {
  let onSignal: (signal: string) => void = () => process.exit(0);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => onSignal(signal));
  // By convention SIGHUP makes a service read its files again. Node's default would end the process.
  let onHangUp = () => {};
  process.on('SIGHUP', () => onHangUp());
  try {
    const { server, listen } = await build(process.env);
    onHangUp = () => void reload(server);
    await listenOn(server, listen);
    onSignal = (signal) => {
      // A process group and a supervisor may both send a signal. A second one must not interrupt the close.
      onSignal = () => {};
      void close(server, signal);
    };
  } catch (error) {
    const errors = error instanceof ConfigError ? error.errors : [(error as Error).message];
    for (const line of errors) process.stderr.write(`${name} can't start: ${line}\n`);
    process.exit(1);
  }
}

async function reload(server: FastifyInstance): Promise<void> {
  if (server.reload === undefined) {
    server.log.warn('SIGHUP changes nothing: restart to read the configuration again');
    return;
  }
  try {
    await server.reload();
  } catch (error) {
    server.log.error({ reason: describeError(error) }, 'reloading failed');
  }
}

async function listenOn(server: FastifyInstance, { host, port }: HostAndPort): Promise<void> {
  try {
    // For a name with two addresses, Fastify would make a second server, without our limits.
    const { address } = await lookup(host, { order: 'ipv4first' });
    await server.listen({ host: address, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      code === 'EADDRINUSE'
        ? `port ${port} of ${host} is taken`
        : `can't listen on ${host}:${port}: ${message}`,
    );
  }
}

async function close(server: FastifyInstance, signal: string): Promise<void> {
  server.log.info({ signal }, 'closing');
  // A client that never finishes its request must not keep the process running.
  setTimeout(() => server.server.closeAllConnections(), CLOSE_TIMEOUT_MS).unref();
  await server.drain();
  await server.close();
  await closeLog();
  process.exit(0);
}
