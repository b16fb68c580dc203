/** The certificate of a process that speaks https itself, rather than behind a proxy that does. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { StartFault } from './start-fault.ts';

export interface Tls {
  cert: string;
  key: string;
  /** Said aloud, since whoever starts Node may lower its default (OWASP ASVS 5, 12.1.1). */
  minVersion: 'TLSv1.2';
}

/**
 * @param origin gives the origin under which the process is reached
 * @returns the certificate and its key, or null where neither is given
 * @throws {StartFault} when one is missing, unreadable, or does not fit the other
 */
export function readTls(
  certFile: string | undefined,
  keyFile: string | undefined,
  origin: () => string,
): Tls | null {
  if (certFile === undefined && keyFile === undefined) return null;
  if (certFile === undefined) throw new StartFault('TLS_CERT_FILE is missing, while TLS_KEY_FILE is set');
  if (keyFile === undefined) throw new StartFault('TLS_KEY_FILE is missing, while TLS_CERT_FILE is set');
  if (!origin().startsWith('https:'))
    throw new StartFault(`TLS_CERT_FILE is set, but ${origin()} is not https`);
  try {
    const [cert, key] = [certFile, keyFile].map((file) => readFileSync(file, 'utf8')) as [string, string];
    const tls: Tls = { cert, key, minVersion: 'TLSv1.2' };
    createSecureContext(tls);
    return tls;
  } catch (error) {
    throw new StartFault(`TLS_CERT_FILE and TLS_KEY_FILE cannot be used: ${(error as Error).message}`);
  }
}
