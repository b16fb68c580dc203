/** What an app's server must answer so that people can sign in there, and out. Asked as the SSO service asks. */
import { randomUUID } from 'node:crypto';
import { boundedFetch, type KeyRing } from '@samesite-sso/core';
import { APP_PATHS, SIGNATURE_ALGORITHMS } from '@samesite-sso/protocol';
import { importJWK, type JWK } from 'jose';
import { sendLogoutToken } from '../logout/logout-sender.ts';
import { createLogoutToken } from '../logout/logout-token.ts';
import type { RegisteredApp } from '../registry.ts';
import { count } from './table.ts';

const REQUEST_TIMEOUT_MS = 3000;

export interface Finding {
  check: 'loaded' | 'keys' | 'logout address' | 'logout token';
  isRight: boolean;
  /** What was found, in words that follow the app's origin. */
  words: string;
}

interface SsoService {
  issuer: string;
  keys: KeyRing;
}

export async function checkApp(app: RegisteredApp, service: SsoService): Promise<Finding[]> {
  const found = await Promise.all([checkKeys(app), checkLogout(app, service)]);
  return found.flat();
}

async function checkKeys({ server }: RegisteredApp): Promise<Finding[]> {
  const url = server + APP_PATHS.keys;
  const finding = (isRight: boolean, words: string): Finding => ({ check: 'keys', isRight, words });
  let body: unknown;
  try {
    const answer = await boundedFetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    if (answer.status !== 200)
      return [finding(false, `answers ${answer.status} at ${url}, where its keys are due`)];
    body = await answer.json();
  } catch (error) {
    return [finding(false, `gives no keys at ${url}: ${reason(error)}`)];
  }
  const keys = keysOf(body);
  if (keys.some(isPrivate)) {
    return [
      finding(false, `PUBLISHES A PRIVATE KEY at ${url}: take it away and give the app another at once`),
    ];
  }
  const usable = (await Promise.all(keys.map(isUsable))).filter(Boolean).length;
  return usable > 0
    ? [finding(true, `publishes ${count(usable, 'key')} at ${url}`)]
    : [finding(false, `publishes no key of ${SIGNATURE_ALGORITHMS.join(' or ')} at ${url}`)];
}

async function checkLogout(
  { server, origin }: RegisteredApp,
  { issuer, keys }: SsoService,
): Promise<Finding[]> {
  const url = server + APP_PATHS.backchannelLogout;
  const session = { app: origin, accountId: randomUUID(), sid: randomUUID() };
  const found: Finding[] = [];
  let check: Finding['check'] = 'logout address';
  const note = (isRight: boolean, words: string) => found.push({ check, isRight, words });
  try {
    const toJunk = await sendLogoutToken(server, 'no logout token');
    note(
      toJunk === 400,
      toJunk === 400 ? `refuses what is no logout token at ${url}` : junkFault(toJunk, url),
    );
    if (toJunk !== 400) return found;
    check = 'logout token';
    const status = await sendLogoutToken(
      server,
      await createLogoutToken(keys, { issuer, ...session }, Date.now()),
    );
    if (isSuccess(status)) note(true, 'takes a logout token of this SSO service');
    else note(false, tokenFault(status, issuer));
  } catch (error) {
    note(false, `does not answer at ${url}: ${reason(error)}`);
  }
  return found;
}

function junkFault(status: number, url: string): string {
  if (status === 404 || status === 405)
    return `has no ${APP_PATHS.backchannelLogout}: ${url} is answered ${status}`;
  if (isSuccess(status))
    return `takes anything for a logout at ${url} (${status}): it checks no logout token`;
  return `answers ${status} to what is no logout token at ${url}, where 400 is due`;
}

function tokenFault(status: number, issuer: string): string {
  if (status !== 400) return `answers ${status} to a logout token of this SSO service`;
  return (
    'refuses a logout token of this SSO service: ' +
    `its SSO_ORIGIN is not ${issuer}, or it cannot reach the keys of that, or its clock is wrong`
  );
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The members of a JSON Web Key Set; none where it is no such thing (RFC 7517, section 5). */
function keysOf(body: unknown): JWK[] {
  const { keys } = Object(body) as { keys?: unknown };
  return Array.isArray(keys) ? keys.map((key) => Object(key) as JWK) : [];
}

/** Private halves, and secrets of symmetric keys (RFC 7518, section 6). */
function isPrivate({ d, k }: JWK): boolean {
  return d !== undefined || k !== undefined;
}

/** Whether the SSO service would verify a client assertion with it. */
async function isUsable(key: JWK): Promise<boolean> {
  const algorithm = key.alg ?? (key.kty === 'EC' ? 'ES256' : 'EdDSA');
  if (!SIGNATURE_ALGORITHMS.includes(algorithm) || (key.use ?? 'sig') !== 'sig') return false;
  return await importJWK(key, algorithm).then(
    () => true,
    () => false,
  );
}

/** Why a server could not be asked, or not understood. */
function reason(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${REQUEST_TIMEOUT_MS / 1000} s`;
  if (error instanceof SyntaxError) return 'the answer is not JSON';
  const { message: inner, code } = Object(cause) as { message?: string; code?: string };
  return inner || code || message;
}
