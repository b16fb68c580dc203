/** Requests to a process of the site over http or https, of which only the status counts. */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const TIMEOUT_MS = 2000;

/** @param authorityFile a certificate authority to trust in place of Node's own, or null */
export async function isReady(address: string, authorityFile: string | null): Promise<boolean> {
  return (await statusOf(new URL('/readyz', address), authorityFile)) === 200;
}

/** @returns the status of a GET, or null without a response in time */
export function statusOf(url: URL, authorityFile: string | null): Promise<number | null> {
  const options = { agent: false, timeout: TIMEOUT_MS };
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
