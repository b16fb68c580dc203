/**
 * The life of a process: environment → service → listening → ended. Faults at start are told in plain
 * lines on standard error, status 1; SIGTERM and SIGINT let the requests under way finish, status 0.
 */
import { lookup } from 'node:dns/promises';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { ConfigError } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';
import type { Environment, HostAndPort } from '../config/environment.ts';
import { onConnection } from '../http/hardening/connections.ts';
import { logStream } from '../log/log-stream.ts';

/** Milliseconds that requests under way are given after a signal: the process is gone well within ten seconds. */
const CLOSING_PATIENCE = 8_000;

/**
 * @param name the process, as its operator knows it
 * @param build makes the service out of its environment
 */
export async function runProcess(
  name: string,
  build: (environment: Environment) => Promise<{ app: FastifyInstance; listen: HostAndPort }>,
): Promise<void> {
  let end: (signal: string) => void = () => process.exit(0);
  // A group and a supervisor may both send one: the second must not cut off what the first lets finish.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(signal));
  // By convention SIGHUP asks a service to read its files again. Node's default would end the process.
  let warnOfHangUp = () => {};
  process.on('SIGHUP', () => warnOfHangUp());
  try {
    const { app, listen } = await build(process.env);
    warnOfHangUp = () => app.log.warn('SIGHUP changes nothing: restart, so that configuration is read again');
    const unused = trackUnused(app.server);
    await listenOn(app, listen);
    end = (signal) => {
      end = () => {};
      void close(app, unused, signal);
    };
  } catch (error) {
    const faults = error instanceof ConfigError ? error.faults : [(error as Error).message];
    for (const fault of faults) process.stderr.write(`${name} cannot start: ${fault}\n`);
    process.exit(1);
  }
}

/** Connections without a request so far, as browsers open them in advance. Node waits for them at its end. */
function trackUnused(server: Server): ReadonlySet<Socket> {
  const unused = new Set<Socket>();
  onConnection(server, (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket));
  return unused;
}

async function listenOn(app: FastifyInstance, { host, port }: HostAndPort): Promise<void> {
  try {
    // Of a name with two addresses the framework would make two servers, the second without our limits.
    const { address } = await lookup(host, { order: 'ipv4first' });
    await app.listen({ host: address, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      code === 'EADDRINUSE'
        ? `port ${port} of ${host} is taken`
        : `cannot listen on ${host}:${port}: ${message}`,
    );
  }
}

async function close(app: FastifyInstance, unused: ReadonlySet<Socket>, signal: string): Promise<void> {
  app.log.info({ signal }, 'closing');
  for (const socket of unused) socket.destroy();
  // A client that never finishes its request must not keep the process for ever.
  setTimeout(() => app.server.closeAllConnections(), CLOSING_PATIENCE).unref();
  // Answered by now, and kept alive: Node ends only those that are idle at this moment.
  setInterval(() => app.server.closeIdleConnections(), 100).unref();
  await app.close();
  await logStream.flush();
  process.exit(0);
}
