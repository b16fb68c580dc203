/** An authenticator app for a test: adds itself to an account, and computes codes. */
import type { FastifyInstance } from 'fastify';
import { ACCOUNT_PATHS } from '../../../apps/sso/src/account-page/paths.ts';
import { computeCode, toTimeStep } from '../../../apps/sso/src/accounts/factors/totp.ts';
import { send } from './account-requests.ts';

/** RFC 4648, section 6. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function decodeBase32(text: string): Buffer {
  const bits = [...text].map((character) => BASE32.indexOf(character).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** The code at a time, from a secret as the account page shows it. */
export function codeAt(secret: string, now: number): string {
  return computeCode(decodeBase32(secret), toTimeStep(now));
}

/** A code that is neither the current one nor the one before. */
export function wrongCode(secret: string, now: number): string {
  const right = [now, now - 30_000].map((time) => codeAt(secret, time));
  return ['000000', '111111', '222222'].find((code) => !right.includes(code)) ?? '';
}

/** Adds an authenticator app on the account page, and lets its first code age. */
export async function addAuthenticator(
  { app, clock }: { app: FastifyInstance; clock: { now: number } },
  cookie: string,
): Promise<{ secret: string; recoveryCodes: string[] }> {
  const url = ACCOUNT_PATHS.authenticator;
  const { secret } = (await send(app, { method: 'POST', url, cookie, body: {} })).json();
  const code = codeAt(secret, clock.now);
  const confirmed = await send(app, { method: 'PUT', url, cookie, body: { code } });
  if (confirmed.statusCode !== 200) throw new Error(`not confirmed: ${confirmed.body}`);
  clock.now += 60_000;
  return { secret, recoveryCodes: confirmed.json().recoveryCodes };
}
