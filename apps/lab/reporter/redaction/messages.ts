/**
 * Redacts a message. This is the only path from a raw message to a report, and no secret passes it.
 */
import type { Field } from '../../exchange/exchange.ts';
import { type RawFields, redactFields } from './header-fields.ts';
import { requestRule, responseRule } from './members.ts';
import { type Findings, type FoundToken, HIDDEN } from './rules.ts';

/** A message's parts, as they were on the wire. */
interface RawMessage {
  readonly fields: RawFields;
  /** The text or, if a server has parsed it, the value. Null for none; undefined for one that wasn't read. */
  readonly body: unknown;
}

/** The parts of a message that may be shown, and its JWTs, whose signatures aren't checked yet. */
export interface RedactedMessage {
  readonly fields: Field[];
  readonly body: string | null;
  readonly tokens: readonly FoundToken[];
}

/** The limit of the `Exchange` schema. */
const MAX_BODY_LENGTH = 8000;

type Format = 'json' | 'form' | 'other';

/** @param origins the site's own origins, which are shown */
export function redactMessage(
  kind: 'request' | 'response',
  { fields, body }: RawMessage,
  origins: Findings['origins'],
): RedactedMessage {
  if (body === null || body === '') return { fields: redactFields(fields, true), body: null, tokens: [] };
  const format = formatOf(fields);
  const value = format === 'other' ? undefined : parse(format, body);
  if (value === undefined) {
    // A document's length reveals nothing. A request may hold anything.
    const isLengthShown = kind === 'response' && format === 'other';
    return { fields: redactFields(fields, isLengthShown), body: HIDDEN, tokens: [] };
  }
  const findings: Findings = { origins, tokens: [], isSomethingHidden: false };
  const shown = (kind === 'request' ? requestRule : responseRule)(value, findings, 'body');
  return {
    fields: redactFields(fields, !findings.isSomethingHidden),
    body: print(format, shown).slice(0, MAX_BODY_LENGTH),
    tokens: findings.tokens,
  };
}

function formatOf(fields: RawFields): Format {
  const [, value = ''] = fields.find(([name]) => name.toLowerCase() === 'content-type') ?? [];
  const mediaType = value.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/^application\/([\w.-]+\+)?json$/.test(mediaType)) return 'json';
  return mediaType === 'application/x-www-form-urlencoded' ? 'form' : 'other';
}

/** Returns undefined for a body that isn't in the format. */
function parse(format: Format, body: unknown): unknown {
  if (typeof body !== 'string') return body;
  if (format === 'form') return parseForm(body);
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A repeated member becomes a list, which no rule shows. */
function parseForm(body: string): Record<string, unknown> {
  const parameters = new URLSearchParams(body);
  const entries = [...new Set(parameters.keys())].map((name) => {
    const [value, ...others] = parameters.getAll(name);
    return [name, others.length === 0 ? value : [value, ...others]] as const;
  });
  return Object.fromEntries(entries);
}

function print(format: Format, shown: unknown): string {
  if (typeof shown !== 'object' || shown === null) return HIDDEN;
  if (format === 'json') return JSON.stringify(shown);
  return Object.entries(shown)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}
