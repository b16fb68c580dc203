/** Checks an app's server: its keys and its logout endpoint, requested as the SSO service requests them. */
import { randomUUID } from 'node:crypto';
import { boundedFetch, type KeyRing } from '@samesite-sso/core';
import { APP_PATHS, SIGNATURE_ALGORITHMS } from '@samesite-sso/protocol';
import { importJWK, type JWK } from 'jose';
import { createLogoutToken, sendLogoutToken } from '../../logout/logout-sender.ts';
import type { RegisteredApp } from '../../registry/read-registry.ts';
import { formatCount } from '../table.ts';

const REQUEST_TIMEOUT_MS = 3000;

export interface Finding {
  check: 'loaded' | 'keys' | 'logout endpoint' | 'logout token';
  passed: boolean;
  /** A predicate of the app's origin. */
  message: string;
}

type SsoService = { issuer: string; keys: KeyRing };

export async function checkApp(app: RegisteredApp, service: SsoService): Promise<Finding[]> {
  const findings = await Promise.all([checkKeys(app), checkLogout(app, service)]);
  return findings.flat();
}

async function checkKeys({ server }: RegisteredApp): Promise<Finding[]> {
  const url = server + APP_PATHS.keys;
  const finding = (passed: boolean, message: string): Finding[] => [{ check: 'keys', passed, message }];
  let body: unknown;
  try {
    const response = await boundedFetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    if (response.status !== 200)
      return finding(false, `responds ${response.status} at ${url}, instead of its keys`);
    body = await response.json();
  } catch (error) {
    return finding(false, `returns no keys at ${url}: ${reason(error)}`);
  }
  const keys = keysOf(body);
  if (keys.some(isPrivate)) {
    return finding(false, `PUBLISHES A PRIVATE KEY at ${url}: remove it and give the app a new key at once`);
  }
  const usable = (await Promise.all(keys.map(isUsable))).filter(Boolean).length;
  return usable > 0
    ? finding(true, `publishes ${formatCount(usable, 'key')} at ${url}`)
    : finding(false, `publishes no ${SIGNATURE_ALGORITHMS.join(' or ')} key at ${url}`);
}

async function checkLogout(
  { server, origin }: RegisteredApp,
  { issuer, keys }: SsoService,
): Promise<Finding[]> {
  const url = server + APP_PATHS.backchannelLogout;
  const session = { appOrigin: origin, accountId: randomUUID(), sid: randomUUID() };
  const findings: Finding[] = [];
  let check: Finding['check'] = 'logout endpoint';
  const note = (passed: boolean, message: string) => findings.push({ check, passed, message });
  try {
    const invalid = await sendLogoutToken(server, 'not a logout token');
    note(invalid === 400, invalidTokenMessage(invalid, url));
    if (invalid !== 400) return findings;
    check = 'logout token';
    const valid = await sendLogoutToken(server, createLogoutToken(keys, { issuer, ...session }, Date.now()));
    note(isSuccess(valid), validTokenMessage(valid, issuer));
  } catch (error) {
    note(false, `doesn't respond at ${url}: ${reason(error)}`);
  }
  return findings;
}

function invalidTokenMessage(status: number, url: string): string {
  if (status === 400) return `refuses an invalid logout token at ${url}`;
  if (status === 404 || status === 405)
    return `has no ${APP_PATHS.backchannelLogout}: ${url} responds ${status}`;
  if (isSuccess(status))
    return `accepts an invalid logout token at ${url} (${status}): it doesn't verify them`;
  return `responds ${status} to an invalid logout token at ${url}, instead of 400`;
}

function validTokenMessage(status: number, issuer: string): string {
  if (isSuccess(status)) return 'accepts a logout token of this SSO service';
  if (status !== 400) return `responds ${status} to a logout token of this SSO service`;
  return (
    'refuses a logout token of this SSO service: ' +
    `its SSO_ORIGIN isn't ${issuer}, it can't fetch the SSO service's keys, or its clock is wrong`
  );
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The keys of a JSON Web Key Set (RFC 7517, section 5); none if the body isn't one. */
function keysOf(body: unknown): JWK[] {
  const { keys } = Object(body) as { keys?: unknown };
  return Array.isArray(keys) ? keys.map((key) => Object(key) as JWK) : [];
}

/** Private and symmetric keys (RFC 7518, section 6). */
function isPrivate({ d, k }: JWK): boolean {
  return d !== undefined || k !== undefined;
}

/** Whether the SSO service would accept the key for a client assertion. */
async function isUsable(key: JWK): Promise<boolean> {
  const algorithm = key.alg ?? (key.kty === 'EC' ? 'ES256' : 'Ed25519');
  if (!SIGNATURE_ALGORITHMS.includes(algorithm) || (key.use ?? 'sig') !== 'sig') return false;
  return await importJWK(key, algorithm).then(
    () => true,
    () => false,
  );
}

/** Why a request failed. */
function reason(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `no response within ${REQUEST_TIMEOUT_MS / 1000} s`;
  if (error instanceof SyntaxError) return "the response isn't JSON";
  const { message: inner, code } = Object(cause) as { message?: string; code?: string };
  return inner || code || message;
}
