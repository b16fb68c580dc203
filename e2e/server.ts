/** Web servers that a story starts beside the site's servers or in their place, over http or https. */
import { readFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { type Certificates, localCertificates } from '../scripts/site/certificates.ts';
import { hosts, siteName } from '../scripts/site/site-settings.ts';
import { type Listening, listen } from '../test/support/listen.ts';
import type { StorySite } from './story-site.ts';

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

/** The certificates of the site's own servers, or null over http. */
export async function certificatesOf({ authorityFile, folder }: StorySite): Promise<Certificates | null> {
  if (authorityFile === null) return null;
  return await localCertificates(join(folder, 'certificates'), siteName, Object.values(hosts));
}
