/** Asks a process of the site, over http or https, whether it is ready. */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const patienceMilliseconds = 2000;

/** @param authorityFile the certificate authority to trust beyond Node's own, or null */
export function isReady(address: string, authorityFile: string | null): Promise<boolean> {
  const url = new URL('/readyz', address);
  const options = { agent: false, timeout: patienceMilliseconds };
  const request =
    authorityFile === null
      ? http.get(url, options)
      : https.get(url, { ...options, ca: readFileSync(authorityFile) });
  return new Promise((resolve) => {
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.on('close', () => resolve(false));
  });
}
