/**
 * Records a visit to a site of real processes, which log at the most verbose level, with many kinds of errors
 * on the way. Proxies record the requests between the servers. Collects every secret that occurs.
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { APP_PATHS } from '@samesite-sso/protocol';
import { vi } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { freePorts } from '../../scripts/site/ports.ts';
import { type Site, startSite } from '../../scripts/site/site.ts';
import { addressOf, originOf, type SiteSettings } from '../../scripts/site/site-settings.ts';
import { addDemoAccounts } from '../support/accounts.ts';
import type { AtEnd } from '../support/at-end.ts';
import { ADA, Browser, type Party } from '../support/browser.ts';
import { type Answer, send } from '../support/http.ts';
import { listen } from '../support/listen.ts';
import { temporaryFolder } from '../support/temporary-folder.fixture.ts';

export const NEW_PASSWORD = 'eleven horses under a tree';
/** Secrets that a person types in wrong places. */
const TYPED = [
  'typed-as-a-username',
  'nearly my passw0rd',
  'sent-in-an-address',
  'sent-in-broken-json',
] as const;

export type Visit = Awaited<ReturnType<typeof recordVisit>>;

export async function recordVisit(atEnd: AtEnd) {
  const folder = temporaryFolder(atEnd);
  const ports = await freePorts();
  const settings: SiteSettings = { scheme: 'http', ports, folder, certificates: null };
  const toSso = await recordingProxy(addressOf(settings, 'sso'), atEnd);
  const toFoo = await recordingProxy(addressOf(settings, 'foo'), atEnd);
  const registry = join(folder, 'recorded.json');
  writeFileSync(
    registry,
    JSON.stringify([{ origin: originOf(settings, 'foo'), name: 'Foo', server: toFoo.address }]),
  );
  const LOG_LEVEL = 'trace';
  const site = await startSite({
    scheme: 'http',
    folder,
    ports,
    addAccounts: addDemoAccounts,
    environment: {
      sso: { LOG_LEVEL, SSO_APPS: registry },
      foo: { LOG_LEVEL, SSO_SERVER_URL: toSso.address },
      lorem: { LOG_LEVEL },
    },
  });
  atEnd(() => site.stop());

  /** By kind. */
  const secrets = new Map<string, string>([
    ['the password', ADA.password],
    ['the new password', NEW_PASSWORD],
    ...TYPED.map((text) => [text, text] as const),
  ]);
  /** The responses to the browser, without those that contain secrets: `Set-Cookie` headers and the token. */
  const responses: { headers: Readonly<Record<string, unknown>>; body: string }[] = [];
  const record = ({ headers, text }: Answer) => {
    const { 'set-cookie': _secret, ...others } = headers;
    responses.push({ headers: others, body: text });
  };
  const person = new Browser(site);
  const cookieValueAt = (server: Party) => (person.cookies.get(server) ?? '').replace(/^[^=]*=/, '');
  const note = () => {
    secrets.set(`SSO cookie ${secrets.size}`, cookieValueAt(site.sso));
    secrets.set(`app cookie ${secrets.size}`, cookieValueAt(site.foo));
  };
  for (const password of TYPED) record(await person.logIn({ password }));
  record(await new Browser(site, { username: TYPED[0], password: 'x' }).logIn());
  record(await person.logIn());
  record(await person.loginStatus());
  const token = await person.token();
  secrets.set('the token', token);
  record(await person.redeem(site.foo, token));
  note();
  record(await person.redeem(site.foo, token));
  record(await person.signInAt(site.foo));
  record(await person.appSession(site.foo));
  note();

  await sendInWrongPlaces(site, record);
  const changed = await person.send(site.sso, {
    method: 'POST',
    path: ACCOUNT_PATHS.password,
    headers: { 'content-type': 'application/json', origin: site.sso.origin },
    body: JSON.stringify({ oldPassword: ADA.password, newPassword: NEW_PASSWORD }),
  });
  record(changed);
  note();
  record(await person.logOut());
  await vi.waitUntil(() => toFoo.recorded.some(({ url }) => url === APP_PATHS.backchannelLogout), 10_000);
  record(await person.logIn({ password: NEW_PASSWORD }));
  note();

  const recorded = [...toSso.recorded, ...toFoo.recorded];
  for (const { body } of recorded) {
    for (const [name, value] of new URLSearchParams(body)) {
      if (/client_assertion$|token$/.test(name)) secrets.set(`${name} ${secrets.size}`, value);
    }
  }
  return { site, folder, recorded, responses, secrets };
}

/** Sends secrets in wrong places: in URLs, headers, and malformed JSON. */
async function sendInWrongPlaces(site: Site, record: (answer: Answer) => void): Promise<void> {
  const lost = TYPED[2];
  for (const server of [site.sso, site.foo]) {
    for (const path of [
      `/?password=${lost}`,
      `/${lost}`,
      `/%zz${lost}`,
      `/session?token=${lost}`,
      `/account/sessions/${lost}`,
    ]) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const headers = {
          referer: `http://x/?${lost}`,
          authorization: `Basic ${lost}`,
          'x-request-id': lost,
          cookie: `a=${lost}`,
        };
        record(await send(server, { method, path, headers }));
      }
    }
    for (const path of ['/', APP_PATHS.session, ACCOUNT_PATHS.login]) {
      const headers = {
        'content-type': 'application/json',
        origin: server === site.foo || path === '/' ? site.foo.origin : site.sso.origin,
      };
      for (const body of [
        `{"password":"${TYPED[3]}`,
        `{"${TYPED[3]}":1}`,
        `"${TYPED[3]}"`,
        `{"request":"login","username":"a","password":["${TYPED[3]}"]}`,
      ])
        record(await send(server, { method: 'POST', path, headers, body }));
    }
  }
}

/** A proxy that records requests and responses. @param address of the server behind it */
async function recordingProxy(address: string, atEnd: AtEnd) {
  const recorded: { url: string; body: string; response: string }[] = [];
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const body = await text(request);
    const forwarded = { method, path: url, headers: { 'content-type': headers['content-type'] ?? '' } };
    const answer = await send({ address }, body === '' ? forwarded : { ...forwarded, body });
    recorded.push({ url, body, response: answer.text });
    response.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? '' });
    response.end(answer.text);
  });
  const { url, close } = await listen(server);
  atEnd(close);
  return { address: url, recorded };
}
