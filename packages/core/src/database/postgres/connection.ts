/** Connects with pg. Import this module only when a database is opened, since it loads pg. */
import { X509Certificate } from 'node:crypto';
import { Socket } from 'node:net';
import pg, { type ClientConfig } from 'pg';
import { readTextFile } from '../../files/text-file.ts';
import { isPrivateAddress } from '../../http/origins.ts';
import type { PostgresUrl } from '../postgres-url.ts';
import { findPassword } from './password-file.ts';

/** Detects idle connections that a firewall has dropped. */
const KEEP_ALIVE_MS = 10_000;

export class Client extends pg.Client {
  constructor(config?: ClientConfig) {
    super(config);
    // Without a listener, a lost connection would end the process. Queries on it also get the error. The pool
    // would listen too late: the server may terminate a connection in the packet that says that it is ready.
    this.on('error', () => {});
    // If there is no password, pg leaves the connection open until the server closes it, a minute later.
    this.connection.on('error', () => this.connection.stream.destroy());
  }
}

/**
 * Also reads the file of CA certificates that the URL names.
 *
 * @throws {Error} when that file can't be used
 */
export function toClientConfig(url: PostgresUrl, connectionTimeoutMillis: number): ClientConfig {
  const { host, port, user, database, isTls, authorityFile } = url.settings;
  return {
    host,
    port,
    user,
    database,
    password: async () => url.password ?? findPassword(url.settings),
    ssl: isTls && { ca: authorityFile && readAuthorities(authorityFile), minVersion: 'TLSv1.2' },
    stream: () => (isTls ? new Socket() : privateSocket()),
    types: { getTypeParser },
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    connectionTimeoutMillis,
  };
}

/** A socket for a connection without TLS. It sends nothing to a public address: others could listen. */
export function privateSocket(isPrivate = isPrivateAddress): Socket {
  const socket = new Socket();
  // This listener runs before pg's, which sends the first message. The address is checked, not the name in
  // the URL: DNS isn't authenticated.
  socket.once('connect', () => {
    const address = socket.remoteAddress;
    if (address === undefined || isPrivate(address)) return;
    socket.destroy(new Error(`${address} is not on a private network: add sslmode=verify-full to the URL`));
  });
  return socket;
}

function readAuthorities(file: string): string {
  const text = readTextFile(file);
  try {
    new X509Certificate(text); // Node ignores a text without certificates, and then trusts its own list.
  } catch {
    throw new Error(`${file} contains no certificate in PEM format`);
  }
  return text;
}

/** Returns each bigint as a number, not as pg's string: our counts and times are safe integers. */
const getTypeParser = ((oid: number, format?: 'text') =>
  oid === pg.types.builtins.INT8
    ? Number
    : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;
