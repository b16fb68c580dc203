/** A proxy between two servers that records what they send each other. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AtEnd } from '../support/at-end.ts';
import { send } from '../support/http.ts';
import { listen } from '../support/listen.ts';

export interface Recorded {
  url: string;
  body: string;
  answer: string;
}

/** @param address of the server behind it */
export async function recordingProxy(
  address: string,
  atEnd: AtEnd,
): Promise<{ address: string; recorded: readonly Recorded[] }> {
  const recorded: Recorded[] = [];
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const body = await text(request);
    const forwarded = { method, path: url, headers: { 'content-type': headers['content-type'] ?? '' } };
    const answer = await send({ address }, body === '' ? forwarded : { ...forwarded, body });
    recorded.push({ url, body, answer: answer.text });
    response.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? '' });
    response.end(answer.text);
  });
  const { url, close } = await listen(server);
  atEnd(close);
  return { address: url, recorded };
}
