/** A server on the loopback interface that answers as one test says, or not at all. */
import { createServer, type RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';
import { type Listening, listen } from './listen.ts';

/** @returns how to reach it, and how many requests have arrived */
export async function localServer(answer: RequestListener): Promise<Listening & { requests(): number }> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
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
