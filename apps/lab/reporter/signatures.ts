/**
 * Checks the signatures of JWTs, the last step before a report. It checks nothing else of them: the inspector
 * shows expired and redeemed tokens, too.
 */
import { compactVerify } from 'jose';
import type { Exchange, ReportedToken } from '../exchange/exchange.ts';
import type { FindKey } from './key-sets.ts';
import type { PendingExchange } from './observation.ts';
import type { RedactedMessage } from './redaction/messages.ts';
import type { FoundToken } from './redaction/rules.ts';

/** `EdDSA` is the older name (RFC 9864). This site's servers sign with no other algorithm. */
const ALGORITHMS = ['Ed25519', 'EdDSA'];

/** Returns the exchange to report, with the result of the check in place of each JWT's signature. */
export async function toExchange(pending: PendingExchange, findKey: FindKey): Promise<Exchange> {
  const [request, response] = await Promise.all([
    toMessagePart(pending.request, findKey),
    pending.response && toMessagePart(pending.response, findKey),
  ]);
  return { ...pending, request, response };
}

async function toMessagePart<Message extends RedactedMessage>(message: Message, findKey: FindKey) {
  const tokens = message.tokens.map(
    async (token): Promise<ReportedToken> => ({
      member: token.member,
      header: token.header,
      claims: token.claims,
      signature: await checkSignature(token, findKey),
    }),
  );
  return { ...message, tokens: await Promise.all(tokens) };
}

async function checkSignature(
  { jwt, rawHeader: { alg, kid }, issuer }: FoundToken,
  findKey: FindKey,
): Promise<ReportedToken['signature']> {
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg)) return 'invalid';
  const key = typeof kid === 'string' ? await findKey(issuer, { alg, kid }) : null;
  if (key === null) return 'unknown-key';
  return await compactVerify(jwt, key, { algorithms: ALGORITHMS }).then(
    () => 'valid',
    () => 'invalid',
  );
}
