/** Connections that a real process meets and must not wait for, or not for long, when it ends. */
import { once } from 'node:events';
import type { Party } from '../support/browser.ts';
import { rawClient } from './raw-client.ts';

const DRIP_INTERVAL_MS = 300;
const JSON_POST =
  'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n';

/** Opens one connection of each kind, and resolves once the server has them. */
export async function connectSlowClients({ address }: Party): Promise<void> {
  const connect = async () => (await rawClient(address)).socket;
  // Browsers connect ahead of their first request.
  await connect();
  const halfHeaders = await connect();
  halfHeaders.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Le');
  const halfBody = await connect();
  halfBody.write(`${JSON_POST}{"request":`);
  const dripping = await connect();
  dripping.write(JSON_POST);
  const drip = setInterval(() => dripping.write(' '), DRIP_INTERVAL_MS);
  dripping.once('close', () => clearInterval(drip));
  const keptAlive = await connect();
  keptAlive.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(keptAlive, 'data'); // The server has what was sent on the other connections before.
}
