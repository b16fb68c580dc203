/** A shared cache in front of a server, as in a CDN. It stores what RFC 9111 permits. */
import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { localServer } from '../../../test/support/local-server.fixture.ts';

interface Stored {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** @returns a request listener that responds from the cache or from the server */
export async function sharedCache(server: RequestListener): Promise<RequestListener> {
  const { url } = await localServer(server);
  const stored = new Map<string, Stored>();
  return async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    let answer = method === 'GET' ? stored.get(path) : undefined;
    if (answer === undefined) {
      const forwarded = await fetch(url + path, {
        method,
        headers: { 'content-type': headers['content-type'] ?? '' },
        ...(method !== 'GET' && { body: await text(request) }),
      });
      const policy = forwarded.headers.get('cache-control') ?? '';
      const type = forwarded.headers.get('content-type') ?? '';
      answer = { status: forwarded.status, headers: { 'content-type': type }, body: await forwarded.text() };
      // Section 3: an explicit lifetime, and no directive that keeps the response out of a shared cache.
      if (method === 'GET' && /max-age/.test(policy) && !/private|no-store/.test(policy)) {
        stored.set(path, answer);
      }
    }
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
}
