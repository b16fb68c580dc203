import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { localCertificates } from '../../../../scripts/site/certificates.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { readTls } from './tls.ts';

const ORIGIN = 'https://sso.example.localhost:4000';
const certificates = (folder: string) =>
  localCertificates(folder, ['example.localhost'], ['sso.example.localhost']);

it('a process without a certificate and key speaks plain http', () => {
  expect(readTls(undefined, undefined, () => ORIGIN)).toBeNull();
});

it('a certificate and its key are read', async () => {
  const { certificateFile, keyFile } = await certificates(temporaryFolder());
  expect(readTls(certificateFile, keyFile, () => ORIGIN)).toEqual({
    cert: readFileSync(certificateFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
    minVersion: 'TLSv1.2',
  });
});

it('TLS 1.2 is the oldest version and TLS 1.3 is preferred, even if Node’s flags say otherwise', async () => {
  const { certificateFile, keyFile, authorityFile } = await certificates(temporaryFolder());
  // As `--tls-min-v1.1 --tls-cipher-list=DEFAULT@SECLEVEL=0` would.
  const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls;
  onTestFinished(() => void Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS }));
  Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1.1', DEFAULT_CIPHERS: 'DEFAULT@SECLEVEL=0' });
  const server = createServer({ ...readTls(certificateFile, keyFile, () => ORIGIN) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const spoken = async (options: tls.ConnectionOptions) => {
    const { port } = server.address() as AddressInfo;
    const ca = readFileSync(authorityFile);
    const socket = tls.connect({
      port,
      host: '127.0.0.1',
      servername: 'sso.example.localhost',
      ca,
      ...options,
    });
    await once(socket, 'secureConnect');
    const protocol = socket.getProtocol();
    socket.destroy();
    return protocol;
  };
  await expect(spoken({ maxVersion: 'TLSv1.1' })).rejects.toThrow(/protocol version/);
  expect(await spoken({ maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
  expect(await spoken({})).toBe('TLSv1.3');
});

it('a certificate and its key are read with a byte order mark and carriage returns', async () => {
  const { certificateFile, keyFile } = await certificates(temporaryFolder());
  const asWritten = readTls(certificateFile, keyFile, () => ORIGIN);
  for (const file of [certificateFile, keyFile]) {
    writeFileSync(file, `\ufeff${readFileSync(file, 'utf8').replaceAll('\n', '\r\n')}`);
  }
  expect(readTls(certificateFile, keyFile, () => ORIGIN)).toEqual(asWritten);
});

it('certificate files that cannot be used are reported together with an invalid origin', () => {
  const invalidOrigin = () => {
    throw new Error('the origin is invalid');
  };
  expect(() => readTls('missing.pem', 'missing.pem', invalidOrigin)).toThrow('TLS_CERT_FILE: missing.pem');
});

it('a certificate without its key, or a key alone, is refused, and the missing variable named', () => {
  expect(() => readTls('cert.pem', undefined, () => ORIGIN)).toThrow('TLS_KEY_FILE is missing');
  expect(() => readTls(undefined, 'key.pem', () => ORIGIN)).toThrow('TLS_CERT_FILE is missing');
});

it('a certificate for an origin of plain http is refused', async () => {
  const { certificateFile, keyFile } = await certificates(temporaryFolder());
  const origin = ORIGIN.replace('https', 'http');
  expect(() => readTls(certificateFile, keyFile, () => origin)).toThrow(`${origin} is not https`);
});

it('certificate files that are missing, damaged or do not match are refused in one line', async () => {
  const folder = temporaryFolder();
  const { certificateFile, keyFile } = await certificates(folder);
  const other = await certificates(temporaryFolder());
  const damaged = join(folder, 'damaged.pem');
  writeFileSync(damaged, 'no certificate');
  const missing = join(folder, 'missing.pem');
  expect(() => readTls(missing, keyFile, () => ORIGIN)).toThrow(
    /^TLS_CERT_FILE: \S+ can't be read \(ENOENT\)$/,
  );
  expect(() => readTls(missing, missing, () => ORIGIN)).toThrow(/^TLS_CERT_FILE: .+\nTLS_KEY_FILE: .+$/);
  for (const [cert, key] of [
    [damaged, keyFile],
    [certificateFile, damaged],
    [certificateFile, other.keyFile],
  ]) {
    expect(() => readTls(cert, key, () => ORIGIN)).toThrow(
      /^TLS_CERT_FILE and TLS_KEY_FILE can't be used: .+$/,
    );
  }
});
