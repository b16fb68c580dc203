/**
 * A shared cache in front of a server, such as a content delivery network's: it keeps what RFC 9111 lets it
 * keep.
 */
import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { localServer } from '../../service/src/local-server.fixture.ts';

interface Stored {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** @returns how the server answers through the cache */
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
      // Section 3: explicitly fresh for a while, and neither of the directives that keep it out of a shared
      // cache.
      if (method === 'GET' && /max-age/.test(policy) && !/private|no-store/.test(policy)) {
        stored.set(path, answer);
      }
    }
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
}
