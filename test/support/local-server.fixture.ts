/** A server on the loopback interface for one test. */
import { createServer, type RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';
import { type Listening, listen } from './listen.ts';

/** @returns its URL, and a function that counts the requests so far */
export async function localServer(respond: RequestListener): Promise<Listening & { requests(): number }> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    respond(request, response);
  });
  const listening = await listen(server);
  onTestFinished(listening.close);
  return { ...listening, requests: () => requests };
}

/** An address at which no server listens. */
export async function deadAddress(): Promise<string> {
  const { url, close } = await listen(createServer());
  await close();
  return url;
}
