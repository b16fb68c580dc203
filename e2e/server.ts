/** Web servers that a story starts beside the site's servers or in their place, over http or https. */
import { readFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { Certificates } from '../scripts/site/certificates.ts';
import { type Listening, listen } from '../test/support/listen.ts';

/** @param certificates null for plain http */
export function startServer(
  certificates: Certificates | null,
  listener: RequestListener,
  port?: number,
): Promise<Listening> {
  if (certificates === null) return listen(http.createServer(listener), port);
  const [cert, key] = [readFileSync(certificates.certificateFile), readFileSync(certificates.keyFile)];
  return listen(https.createServer({ cert, key }, listener), port);
}
