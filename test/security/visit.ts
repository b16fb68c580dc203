/**
 * A whole visit to a site of real processes that log all they can, over tapped wires, with all that goes wrong on the
 * way; and every secret that came up in it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APP_PATHS } from '@samesite-sso/protocol';
import { vi } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { freePorts } from '../../scripts/site/free-ports.ts';
import { type Site, startSite } from '../../scripts/site/site.ts';
import { originOf, type Ports } from '../../scripts/site/site-settings.ts';
import type { Answer as PersonsAnswer } from '../resilience/answer.ts';
import { Person } from '../resilience/person.ts';
import { type Heard, tap } from './recording-proxy.ts';
import { type Answer, send } from './request.ts';
import { ADA } from './site.ts';

export const NEW_PASSWORD = 'eleven horses under a tree';
/** What people type where it does not belong, or wrongly. */
const TYPED = [
  'typed-as-a-username',
  'nearly my passw0rd',
  'sent-in-an-address',
  'sent-in-broken-json',
] as const;

export interface Told {
  headers: Readonly<Record<string, unknown>>;
  body: string;
}

export interface Visit {
  site: Site;
  folder: string;
  heard: readonly Heard[];
  /** To the browser, but for what is to hold a secret: `Set-Cookie`, and the answer that is the token. */
  answers: Told[];
  /** By what they are. */
  secrets: Map<string, string>;
}

/** @param atEnd is told how it ends */
export async function visit(atEnd: (end: () => void | Promise<void>) => void): Promise<Visit> {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-secrets-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const ports = await freePorts();
  const [toSso, toFoo] = [await tap(ports.sso, atEnd), await tap(ports.foo, atEnd)];
  const origin = originOf({ scheme: 'http', ports, folder, certificates: null }, 'foo');
  const registry = join(folder, 'tapped.json');
  writeFileSync(registry, JSON.stringify([{ origin, name: 'Foo', server: toFoo.address }]));
  const LOG_LEVEL = 'trace';
  const site = await startSite({
    scheme: 'http',
    folder,
    ports,
    environment: {
      sso: { LOG_LEVEL, SSO_APPS: registry },
      foo: { LOG_LEVEL, SSO_SERVER_URL: toSso.address },
      lorem: { LOG_LEVEL },
    },
  });
  atEnd(() => site.stop());

  const secrets = new Map<string, string>([
    ['the password', ADA.password],
    ['the new password', NEW_PASSWORD],
    ...TYPED.map((text) => [text, text] as const),
  ]);
  const answers: Told[] = [];
  const tell = ({ headers, body }: PersonsAnswer) => {
    const { 'set-cookie': _secret, ...others } = Object.fromEntries(headers);
    answers.push({ headers: others, body: JSON.stringify(body) });
  };
  const person = new Person(site.sso, site.foo, ADA);
  const note = () => {
    secrets.set(`SSO cookie ${secrets.size}`, person.ssoCookie ?? '');
    secrets.set(`app cookie ${secrets.size}`, person.appCookies.get(site.foo.origin) ?? '');
  };
  for (const password of TYPED) tell(await person.logIn(password));
  tell(await new Person(site.sso, site.foo, { username: TYPED[0], password: 'x' }).logIn());
  tell(await person.logIn());
  tell(await person.status());
  const { token } = (await person.token()).body as { token: string };
  secrets.set('the token', token);
  tell(await person.redeemAt(site.foo, token));
  note();
  tell(await person.redeemAt(site.foo, token));
  tell(await person.signInAt(site.foo));
  tell(await person.sessionAt(site.foo));
  note();

  answers.push(...(await misplace(site, ports)));
  const changed = await send(
    { port: ports.sso },
    {
      method: 'POST',
      path: ACCOUNT_PATHS.password,
      headers: {
        'content-type': 'application/json',
        origin: site.sso.origin,
        cookie: `__Host-sso=${person.ssoCookie}`,
      },
      body: JSON.stringify({ oldPassword: ADA.password, newPassword: NEW_PASSWORD }),
    },
  );
  const { 'set-cookie': cookies, ...others } = changed.headers;
  answers.push({ headers: others, body: changed.body });
  person.ssoCookie = /__Host-sso=([^;]+)/.exec(String(cookies))?.[1] ?? null;
  note();
  tell(await person.logOut());
  await vi.waitUntil(() => toFoo.heard.some(({ url }) => url === APP_PATHS.backchannelLogout), 10_000);
  tell(await person.logIn(NEW_PASSWORD));
  note();

  const heard = [...toSso.heard, ...toFoo.heard];
  for (const { body } of heard) {
    for (const [name, value] of new URLSearchParams(body)) {
      if (/client_assertion$|token$/.test(name)) secrets.set(`${name} ${secrets.size}`, value);
    }
  }
  return { site, folder, heard, answers, secrets };
}

/** Puts secrets where none belongs: into addresses, into headers, into what is no JSON. */
async function misplace(site: Site, ports: Ports): Promise<Answer[]> {
  const answers: Answer[] = [];
  const lost = TYPED[2];
  for (const port of [ports.sso, ports.foo]) {
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
        answers.push(await send({ port }, { method, path, headers }));
      }
    }
    for (const path of ['/', APP_PATHS.session, ACCOUNT_PATHS.login]) {
      const headers = {
        'content-type': 'application/json',
        origin: port === ports.foo || path === '/' ? site.foo.origin : site.sso.origin,
      };
      for (const body of [
        `{"password":"${TYPED[3]}`,
        `{"${TYPED[3]}":1}`,
        `"${TYPED[3]}"`,
        `{"request":"login","username":"a","password":["${TYPED[3]}"]}`,
      ])
        answers.push(await send({ port }, { method: 'POST', path, headers, body }));
    }
  }
  return answers;
}
