/**
 * Generates messages with secrets in every place where a client or a server can put one, and looks for them
 * in what would be reported.
 */
import fc from 'fast-check';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { Exchange } from '../../exchange/exchange.ts';
import { createKeyFinder } from '../key-sets.ts';
import { Observation, type PendingExchange } from '../observation.ts';
import { toExchange } from '../signatures.ts';
import type { RawFields } from './header-fields.ts';
import { redactMessage } from './messages.ts';
import { redactTarget } from './paths.ts';

/** A report may show this many characters of a secret, and no more. */
const SHOWN_CHARACTERS = 6;

/** Long enough that none occurs by chance in what is shown. */
const secret = fc.stringMatching(/^[\w-]{22,60}$/);

/** In any form: passwords have spaces, quotes and other characters. */
const password = fc.string({ minLength: 12, maxLength: 40, unit: 'grapheme' });

/** Something with secrets, and which they are. */
interface Sample<Value> {
  readonly value: Value;
  readonly secrets: readonly string[];
}

const asSample = (secrets: fc.Arbitrary<string>): fc.Arbitrary<Sample<unknown>> =>
  secrets.map((value) => ({ value, secrets: [value] }));

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A JWT with secrets where only unknown members and the signature are. */
const jwt: fc.Arbitrary<Sample<unknown>> = fc
  .record({ alg: fc.constantFrom('Ed25519', 'HS256'), inHeader: secret, inClaims: secret, signature: secret })
  .map(({ alg, inHeader, inClaims, signature }) => {
    const header = encode({ alg, kid: inHeader, hush: inHeader, [inHeader]: 1 });
    const claims = encode({
      iss: inClaims,
      sub: inClaims,
      aud: [`https://${inClaims}`],
      sid: inClaims,
      password: inClaims,
    });
    const secrets = [inHeader, inClaims, header, claims, signature];
    return { value: `${header}.${claims}.${signature}`, secrets };
  });

/** Names of secret members, of members that are shown in another form, and unknown ones. */
const memberName = fc.oneof(
  fc.constantFrom('password', 'oldPassword', 'newPassword', 'code', 'secret', 'recoveryCodes', 'credential'),
  fc.constantFrom('uri', 'request', 'status', 'title', 'type', 'error', 'active', 'expiresIn', 'account'),
  fc.constantFrom(
    'keys',
    'sessions',
    'session',
    'issuer',
    'iss',
    'token',
    'client_assertion',
    'logout_token',
  ),
  fc.constantFrom('methods', 'maxAge', 'factors', 'auth_time', 'amr'),
  fc.constantFrom('hush', '__proto__', 'constructor', 'd', 'address', 'hash', 'client_assertion_type'),
);

const leaf = fc.oneof(asSample(secret), asSample(password), jwt);

/** Nested members with secrets. The names of some are secrets, too. */
const { tree } = fc.letrec<{ tree: Sample<unknown>; node: Sample<unknown> }>((tie) => ({
  tree: fc.oneof({ maxDepth: 3 }, leaf, tie('node')),
  node: fc.oneof(
    fc.array(tie('tree'), { maxLength: 3 }).map((items) => ({
      value: items.map(({ value }) => value),
      secrets: items.flatMap(({ secrets }) => secrets),
    })),
    fc.array(fc.tuple(fc.oneof(memberName, secret), tie('tree')), { minLength: 1, maxLength: 4 }).map(join),
  ),
}));

function join(members: [string, Sample<unknown>][]): Sample<Record<string, unknown>> {
  return {
    value: Object.fromEntries(members.map(([name, { value }]) => [name, value])),
    secrets: members.flatMap(([name, { secrets }]) => [...secrets, ...(name.length >= 22 ? [name] : [])]),
  };
}

const jsonBody = fc
  .array(fc.tuple(fc.oneof(memberName, secret), tree), { minLength: 1, maxLength: 5 })
  .map(join)
  .map(({ value, secrets }) => ({ type: 'application/json', text: JSON.stringify(value), secrets }));

const formBody = fc
  .array(fc.tuple(fc.oneof(memberName, secret), leaf), { minLength: 1, maxLength: 5 })
  .map(join)
  .map(({ value, secrets }) => ({
    type: 'application/x-www-form-urlencoded',
    text: new URLSearchParams(value as Record<string, string>).toString(),
    secrets,
  }));

const otherBody = secret.map((text) => ({ type: 'text/plain', text, secrets: [text] }));

const field: fc.Arbitrary<Sample<readonly [string, string]>> = secret.chain((value) =>
  fc
    .constantFrom<readonly [string, string]>(
      ['Cookie', `__Host-sso=${value}; other=${value}`],
      ['cookie', value],
      ['Cookie', `=${value}`],
      ['Cookie', `${value}=`],
      [value, value],
      [`Sec-Fetch-${value}`, 'a'],
      ['Set-Cookie', `__Host-app=${value}; Path=/; ${value}=1; Max-Age=1`],
      ['Set-Cookie', `other=${value}`],
      ['Authorization', `Bearer ${value}`],
      ['authorization', value],
      ['Proxy-Authorization', value],
      ['Location', `https://a.example/${value}?${value}#${value}`],
      ['Location', `https://${value}:${value}@a.example/`],
      ['Referer', `https://a.example/?${value}`],
      ['X-Secret', value],
      ['ETag', `"${value}"`],
    )
    .map((pair) => ({ value: pair, secrets: [value] })),
);

const target: fc.Arbitrary<Sample<string>> = secret.chain((value) =>
  fc
    .constantFrom(`/${value}`, `/account/sessions/${value}`, `/?${value}`, `/session?scope=${value}`)
    .map((text) => ({ value: text, secrets: [value] })),
);

/** What would be reported of a message. */
async function report(
  kind: 'request' | 'response',
  fields: RawFields,
  body: unknown,
  path: string,
): Promise<Exchange[]> {
  const message = redactMessage(kind, { fields, body }, new Set(['https://a.example']));
  const reported: PendingExchange[] = [];
  const observation = new Observation((exchange) => reported.push(exchange), 'sso', {
    direction: 'received',
    client: 'browser',
    clientPort: 1,
    method: 'POST',
    path: redactTarget(path, path.startsWith('/account') ? '/account/sessions/:sid' : undefined),
    host: 'sso.example.localhost',
  });
  if (kind === 'request') observation.reportRequest({ request: message });
  else observation.reportEnd({ response: { status: 200, ...message }, error: null });
  const exchanges = await Promise.all(reported.map((each) => toExchange(each, createKeyFinder(new Map()))));
  return v.parse(v.array(Exchange), exchanges);
}

/** All texts in a value and, where one is JSON, in that. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value, ...textsIn(parseObject(value))];
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsIn(member)]);
}

function parseObject(text: string): object | null {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    return null;
  }
}

/** The parts of a secret that may not be in a report. */
function partsOf(text: string): string[] {
  const characters = [...text];
  const starts = characters.slice(SHOWN_CHARACTERS).map((_, index) => index);
  return starts.map((start) => characters.slice(start, start + SHOWN_CHARACTERS + 1).join(''));
}

it('a report has at most six characters of any secret in a message [T-LAB-01]', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('request' as const, 'response' as const),
      fc.oneof({ weight: 4, arbitrary: jsonBody }, formBody, otherBody),
      fc.array(field, { maxLength: 4 }),
      target,
      async (kind, body, fields, { value: path, secrets: pathSecrets }) => {
        const length = String(Buffer.byteLength(body.text));
        const exchanges = await report(
          kind,
          [['Content-Type', body.type], ['Content-Length', length], ...fields.map(({ value }) => value)],
          body.text,
          path,
        );
        const secrets = [...body.secrets, ...fields.flatMap(({ secrets }) => secrets), ...pathSecrets];
        const texts = textsIn(exchanges);
        const text = texts.join('\n');
        expect(secrets.flatMap(partsOf).filter((part) => text.includes(part))).toEqual([]);
        if (kind === 'request') expect(texts).not.toContain(length);
      },
    ),
  );
});
