/** Asks a process of the site, over http or https: whether it is ready, or anything else that has a status. */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const patienceMilliseconds = 2000;

/** @param authorityFile the certificate authority to trust beyond Node's own, or null */
export async function isReady(address: string, authorityFile: string | null): Promise<boolean> {
  return (await statusOf(new URL('/readyz', address), authorityFile)) === 200;
}

/** @returns the HTTP status of a GET; null if there is no answer in time */
export function statusOf(url: URL, authorityFile: string | null): Promise<number | null> {
  const options = { agent: false, timeout: patienceMilliseconds };
  const request =
    authorityFile === null
      ? http.get(url, options)
      : https.get(url, { ...options, ca: readFileSync(authorityFile) });
  return new Promise((resolve) => {
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}
