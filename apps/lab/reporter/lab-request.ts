/**
 * The reporter's own requests: to the lab's server, and for key sets. They don't use `fetch`,
 * because the reporter listens on its diagnostics channels. They never keep the process alive.
 */
import http from 'node:http';
import https from 'node:https';

/** Marks the inspector's own requests, which reporters leave out. */
export const LAB_USER_AGENT = 'samesite-sso-lab';

const TIMEOUT_MS = 2000;
const MAX_BODY_BYTES = 65_536;

interface LabResponse {
  readonly status: number;
  readonly body: string;
}

/** Returns null unless a whole response of at most 64 KiB arrives within 2 s. Doesn't follow redirects. */
export async function labRequest(
  url: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<LabResponse | null> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return null;
  const { promise, resolve } = Promise.withResolvers<LabResponse | null>();
  const { request } = url.startsWith('https:') ? https : http;
  const sent = request(url, {
    method,
    headers: { ...headers, 'User-Agent': LAB_USER_AGENT },
    // A new connection each time: an idle one might close just as the next request is sent.
    agent: false,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  sent.on('socket', (socket) => socket.unref());
  sent.on('response', (response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) return;
      resolve(null);
      sent.destroy();
    });
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
    });
    response.on('error', () => resolve(null));
  });
  sent.on('error', () => resolve(null));
  sent.on('close', () => resolve(null));
  sent.end(body);
  return await promise;
}
