/** How connections are protected on the way to the server, and that failed ones are closed. */
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { localCertificates } from '../../../../../scripts/site/certificates.ts';
import { afterAllTests } from '../../../../../test/support/at-end.ts';
import { connectTo, postgresUrl } from '../../../../../test/support/postgres.ts';
import { startPostgresProcess } from '../../../../../test/support/postgres-process.ts';
import { temporaryFolder } from '../../../../../test/support/temporary-folder.fixture.ts';
import { privateSocket } from './connection.ts';
import { names, openDatabase, outcomeOf } from './postgres-database.fixture.ts';

describe('a connection with TLS', () => {
  const atEnd = afterAllTests();
  let url: string;
  let authority: string;

  beforeAll(async () => {
    const folder = temporaryFolder(atEnd);
    const files = await localCertificates(folder, ['localhost'], ['db.localhost']);
    authority = files.authorityFile;
    const server = await startPostgresProcess({
      flags: ['-c', 'ssl=on', '-c', 'fsync=off'],
      files: {
        'server.crt': readFileSync(files.certificateFile, 'utf8'),
        'server.key': readFileSync(files.keyFile, 'utf8'),
      },
    });
    atEnd(() => server.remove());
    url = server.url;
  });

  const open = (host: string, parameters: string) => {
    const other = new URL(url);
    other.hostname = host;
    return openDatabase(`${other}?${parameters}`);
  };

  it.each([
    ['127.0.0.1', 'require'],
    ['127.0.0.1', 'verify-ca'],
    ['127.0.0.1', 'verify-full'],
  ])('is accepted if the certificate is valid for the server: %s, %s', async (host, mode) => {
    const database = await open(host, `sslmode=${mode}&sslrootcert=${authority}`);
    const { rows } = await database.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    expect(rows).toEqual([{ ssl: true }]);
  });

  it.each([
    ['127.0.0.1', 'require', '', /unable to verify|self-signed/],
    ['127.0.0.1', 'verify-ca', '', /unable to verify|self-signed/],
    ['localhost', 'verify-ca', 'authority', /does not match certificate/],
    ['localhost', 'verify-full', 'authority', /does not match certificate/],
  ])(
    'is refused if the certificate is not valid for the server: %s, %s, %s',
    async (host, mode, trusted, reason) => {
      const parameter = trusted && `&sslrootcert=${authority}`;
      await expect(open(host, `sslmode=${mode}${parameter}`)).rejects.toThrow(reason);
    },
  );

  it.each([
    ['missing', null, "can't be read (ENOENT)"],
    ['invalid', 'not a certificate', 'contains no certificate in PEM format'],
  ])('is refused if the file of CA certificates is %s', async (name, text, reason) => {
    const file = join(temporaryFolder(), name);
    if (text !== null) writeFileSync(file, text);
    await expect(open('localhost', `sslmode=require&sslrootcert=${file}`)).rejects.toThrow(
      `${file} ${reason}`,
    );
  });

  it('is refused if the server does not offer TLS', async () => {
    const plain = await postgresUrl();
    await expect(openDatabase(`${plain}?sslmode=require`)).rejects.toThrow('does not support SSL');
  });
});

describe('a connection without TLS', () => {
  it('sends nothing to an address that is not private [T-SECRET-09]', async () => {
    let bytes = 0;
    const server = createServer((socket) => socket.on('data', (data) => (bytes += data.length)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const socket = privateSocket((address) => address !== '127.0.0.1');
    socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.once('connect', () => socket.write('the first message'));
    const [error] = await once(socket, 'error').catch((thrown) => [thrown]);
    expect(error.message).toBe('127.0.0.1 is not on a private network: add sslmode=verify-full to the URL');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(bytes).toBe(0);
  });
});

describe('a connection for which there is no password', () => {
  it('is closed, and the next one uses a password that was added meanwhile', async () => {
    const url = new URL(await postgresUrl());
    const file = join(temporaryFolder(), 'pgpass');
    const writePassword = () => writeFileSync(file, `*:*:*:*:${url.password}`, { mode: 0o600 });
    writePassword();
    vi.stubEnv('PGPASSFILE', file);
    onTestFinished(() => void vi.unstubAllEnvs());
    const database = await openDatabase(url.href.replace(`:${url.password}@`, '@'));
    rmSync(file);
    for (let tries = 0; tries < 5; tries += 1)
      expect(await outcomeOf(names(database))).toBe(`unavailable: ${file} can't be read (ENOENT)`);
    const other = await connectTo(url.href, onTestFinished);
    const open =
      "SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename IS NULL";
    await expect.poll(async () => (await other.query(open)).rows).toEqual([{ count: 0 }]);
    writePassword();
    expect(await names(database)).toEqual(['one', 'two']);
  });
});
