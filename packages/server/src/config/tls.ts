/** Reads the certificate of a process that terminates TLS itself, without a proxy in front of it. */
import { createSecureContext } from 'node:tls';
import { ConfigError, readTextFile } from '@samesite-sso/core';

export interface Tls {
  cert: string;
  key: string;
  /** Set here because a command line flag of Node can lower its default (OWASP ASVS 5, 12.1.1). */
  minVersion: 'TLSv1.2';
}

/**
 * @param origin returns the origin under which clients reach the process
 * @returns the certificate and its key, or null if neither is given
 * @throws {ConfigError} when one is missing or unreadable, or they don't belong together
 */
export function readTls(
  certFile: string | undefined,
  keyFile: string | undefined,
  origin: () => string,
): Tls | null {
  if (certFile === undefined && keyFile === undefined) return null;
  if (certFile === undefined) throw new ConfigError('TLS_CERT_FILE is missing, while TLS_KEY_FILE is set');
  if (keyFile === undefined) throw new ConfigError('TLS_KEY_FILE is missing, while TLS_CERT_FILE is set');
  const errors: string[] = [];
  const read = (name: string, file: string) => {
    try {
      return readTextFile(file);
    } catch (error) {
      errors.push(`${name}: ${(error as Error).message}`);
      return '';
    }
  };
  const [cert, key] = [read('TLS_CERT_FILE', certFile), read('TLS_KEY_FILE', keyFile)];
  if (errors.length > 0) throw new ConfigError(errors);
  const tls: Tls = { cert, key, minVersion: 'TLSv1.2' };
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new ConfigError(`TLS_CERT_FILE and TLS_KEY_FILE can't be used: ${(error as Error).message}`);
  }
  if (!origin().startsWith('https:'))
    throw new ConfigError(`TLS_CERT_FILE is set, but ${origin()} is not https`);
  return tls;
}
