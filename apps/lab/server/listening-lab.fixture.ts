/** A lab that listens on a free port, and requests to it as they are on the wire. */
import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Config } from './config.ts';
import { hostOf } from './hosts.ts';
import { ORIGIN, testLab } from './lab.fixture.ts';

export async function listeningLab(settings: Partial<Config> = {}) {
  const lab = await testLab(settings);
  await lab.listen({ host: '127.0.0.1', port: 0 });
  const { port } = lab.server.address() as AddressInfo;
  return { lab, port };
}

/** Sends a request to the page's host, unless a header names another. Keeps the path, dots included. */
export async function sendRaw(port: number, options: RequestOptions, body?: string | Buffer) {
  const headers = { host: hostOf(ORIGIN), ...options.headers };
  const sent = request({ host: '127.0.0.1', port, ...options, headers }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** Opens the stream of exchanges. `received` grows as messages arrive, and ends with `closed`. */
export async function openStream(port: number, headers: Record<string, string> = {}) {
  const options = { host: '127.0.0.1', port, path: '/exchanges', agent: false };
  const sent = request({ ...options, headers: { host: hostOf(ORIGIN), ...headers } }).end();
  sent.on('error', () => {}); // It is destroyed.
  onTestFinished(() => void sent.destroy());
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const received: string[] = [];
  let rest = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (rest + chunk).split('\n\n');
    rest = messages.pop() ?? '';
    received.push(...messages);
  });
  response.on('error', () => {});
  response.on('close', () => received.push('closed'));
  /** The exchanges' ids and event ids. */
  const exchanges = () =>
    received.flatMap((message) => {
      const [, eventId, data] = /^id: (\d+)\ndata: (.*)$/.exec(message) ?? [];
      return data === undefined ? [] : [{ eventId: Number(eventId), ...JSON.parse(data) }];
    });
  const ids = () => exchanges().map(({ id }) => id);
  return {
    status: response.statusCode,
    headers: response.headers,
    received,
    exchanges,
    ids,
    close: () => sent.destroy(),
  };
}
