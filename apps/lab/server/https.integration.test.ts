/** The lab over HTTPS: the proxy trusts its own server's certificate, and the report file says `https`. */
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { localCertificates } from '../../../scripts/site/certificates.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { testConfig, testLab } from './lab.fixture.ts';

const origins = {
  origin: 'https://lab.example.localhost:4010',
  sameSiteOrigin: 'https://target.example.localhost:4010',
  crossSiteOrigin: 'https://target.elsewhere.localhost:4010',
};

test('over HTTPS, the proxy asks the target, and reporters get an https URL', async () => {
  const sites = ['example.localhost', 'elsewhere.localhost'] as const;
  const hosts = Object.values(origins).map((origin) => new URL(origin).hostname);
  const { authorityFile, certificateFile, keyFile } = await localCertificates(
    temporaryFolder(),
    sites,
    hosts,
  );
  const [ca, cert, key] = [authorityFile, certificateFile, keyFile].map((file) => readFileSync(file, 'utf8'));
  const config = testConfig({ ...origins, tls: { cert: cert ?? '', key: key ?? '', minVersion: 'TLSv1.2' } });
  const lab = await testLab(config);
  await lab.listen({ host: '127.0.0.1', port: 0 });
  const { port } = lab.server.address() as AddressInfo;

  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const headers = { host: 'lab.example.localhost:4010' };
  const options = { host: '127.0.0.1', port, path: '/alternatives/proxy', ca, headers, agent: false };
  get({ ...options, servername: 'lab.example.localhost' }, (response) => resolve(json(response))).on(
    'error',
    reject,
  );
  expect(await promise).toEqual({
    asked: 'https://target.example.localhost:4010/status',
    cookiesReceived: [],
    answer: { status: 'unknown', cookies: [] },
  });
  expect(JSON.parse(readFileSync(config.reportFile, 'utf8')).url).toBe(`https://127.0.0.1:${port}/reports`);
});
