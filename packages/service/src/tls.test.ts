import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { localCertificates } from '../../../scripts/site/certificates.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';
import { readTls } from './tls.ts';

const ORIGIN = 'https://sso.example.localhost:4000';
const certificates = (folder: string) =>
  localCertificates(folder, 'example.localhost', ['sso.example.localhost']);

it('a process speaks no https of its own where neither certificate nor key is given', () => {
  expect(readTls(undefined, undefined, () => ORIGIN)).toBeNull();
});

it('a certificate and its key are read', async () => {
  const { certificateFile, keyFile } = await certificates(temporaryFolder());
  expect(readTls(certificateFile, keyFile, () => ORIGIN)).toEqual({
    cert: readFileSync(certificateFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
  });
});

it('one without the other is refused, and the missing one named', () => {
  expect(() => readTls('cert.pem', undefined, () => ORIGIN)).toThrow('TLS_KEY_FILE is missing');
  expect(() => readTls(undefined, 'key.pem', () => ORIGIN)).toThrow('TLS_CERT_FILE is missing');
});

it('a certificate for an origin of plain http is refused', async () => {
  const { certificateFile, keyFile } = await certificates(temporaryFolder());
  const origin = ORIGIN.replace('https', 'http');
  expect(() => readTls(certificateFile, keyFile, () => origin)).toThrow(`${origin} is not https`);
});

it('files that are missing, damaged or of two pairs are refused in one line', async () => {
  const folder = temporaryFolder();
  const { certificateFile, keyFile } = await certificates(folder);
  const other = await certificates(temporaryFolder());
  const damaged = join(folder, 'damaged.pem');
  writeFileSync(damaged, 'no certificate');
  for (const [cert, key] of [
    [join(folder, 'missing.pem'), keyFile],
    [certificateFile, join(folder, 'missing.pem')],
    [damaged, keyFile],
    [certificateFile, damaged],
    [certificateFile, other.keyFile],
  ]) {
    expect(() => readTls(cert, key, () => ORIGIN)).toThrow(
      /^TLS_CERT_FILE and TLS_KEY_FILE cannot be used: .+$/,
    );
  }
});
