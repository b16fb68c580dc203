/** A wire between two servers that somebody has tapped: it passes on what they say, and keeps it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { send } from './request.ts';

export interface Heard {
  url: string;
  body: string;
  answer: string;
}

/**
 * @param port of the server at its end
 * @param atEnd is told how it ends
 */
export async function tap(
  port: number,
  atEnd: (end: () => void) => void,
): Promise<{ address: string; heard: readonly Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const body = await text(request);
    const passed = { method, path: url, headers: { 'content-type': headers['content-type'] ?? '' } };
    const answer = await send({ port }, body === '' ? passed : { ...passed, body });
    heard.push({ url, body, answer: answer.body });
    response.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? '' });
    response.end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}
