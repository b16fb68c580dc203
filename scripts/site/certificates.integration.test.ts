import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Certificates, localCertificates } from './certificates.ts';

const sites = ['example.localhost'] as const;
const hosts = ['sso.example.localhost', 'foo.app.example.localhost'];
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificates-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a client that trusts the demo authority accepts the hosts of its site', async () => {
  const certificates = await localCertificates(folder, sites, hosts);
  for (const host of hosts) expect(await handshake(certificates, host)).toBe('accepted');
});

test('a client that trusts the demo authority refuses a host outside its sites', async () => {
  const certificates = await localCertificates(folder, sites, ['sso.example.com']);
  expect(await handshake(certificates, 'sso.example.com')).toBe('permitted subtree violation');
});

test('the demo authority can be for several sites, and certifies no host outside them', async () => {
  const [inside, outside] = ['target.elsewhere.localhost', 'target.other.localhost'];
  const both = ['example.localhost', 'elsewhere.localhost'] as const;
  expect(await handshake(await localCertificates(folder, sites, [inside]), inside)).toBe(
    'permitted subtree violation',
  );
  const certificates = await localCertificates(folder, both, [...hosts, inside]);
  for (const host of [...hosts, inside]) expect(await handshake(certificates, host)).toBe('accepted');
  const others = await localCertificates(folder, both, [outside]);
  expect(await handshake(others, outside)).toBe('permitted subtree violation');
});

test('only the private key of the demo site is stored, and only its owner can read it', async () => {
  const { keyFile } = await localCertificates(folder, sites, hosts);
  const keys = readdirSync(folder).filter((file) =>
    readFileSync(join(folder, file), 'utf8').includes('PRIVATE KEY'),
  );
  expect(keys.map((file) => join(folder, file))).toEqual([keyFile]);
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
});

test('demo certificates are kept, and issued again for other hosts or when one is damaged', async () => {
  const { authorityFile } = await localCertificates(folder, sites, hosts);
  const authority = readFileSync(authorityFile, 'utf8');
  await localCertificates(folder, sites, hosts);
  expect(readFileSync(authorityFile, 'utf8')).toBe(authority);

  await localCertificates(folder, sites, [...hosts, 'lorem.app.example.localhost']);
  const second = readFileSync(authorityFile, 'utf8');
  expect(second).not.toBe(authority);

  writeFileSync(authorityFile, authority);
  const certificates = await localCertificates(folder, sites, hosts);
  expect(await handshake(certificates, hosts[0] ?? '')).toBe('accepted');
});

/** Returns `accepted`, or why a client that trusts the authority refuses a server with the certificate. */
function handshake(certificates: Certificates, host: string): Promise<string> {
  const cert = readFileSync(certificates.certificateFile);
  const key = readFileSync(certificates.keyFile);
  const ca = readFileSync(certificates.authorityFile);
  const server = createServer({ cert, key }, (socket) => socket.on('error', () => {}).end());
  return new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const client = connect({ port, host: '127.0.0.1', servername: host, ca }, () => resolve('accepted'));
      client.on('error', (error) => resolve(error.message));
      client.on('close', () => server.close());
    });
  });
}
