/**
 * Parses I-JSON (RFC 7493, section 2), which every reader understands in the same way. With a duplicate
 * name, or bytes that aren't UTF-8, a proxy may have read something else than this server.
 */
import { parseLocatedJson } from '../files/located-json.ts';

/** @throws {Error} whose message may quote the text */
export function parseStrictJson(bytes: Buffer): unknown {
  return parseLocatedJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)).value;
}
