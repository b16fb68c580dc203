/**
 * Where in the Fetch standard a decision is made. The numbers are those of its review draft of June 2026;
 * the standard changes, and its latest version may number its steps differently.
 */
import type { Rule } from './verdict.ts';

const addresses = {
  'Request constructor': 'https://fetch.spec.whatwg.org/#dom-request',
  'Main fetch': 'https://fetch.spec.whatwg.org/#main-fetch',
  'CORS-preflight fetch': 'https://fetch.spec.whatwg.org/#cors-preflight-fetch',
  'CORS check': 'https://fetch.spec.whatwg.org/#cors-check',
} as const;

/** What a check of the standard decided, and why. */
export interface Finding {
  /** `allowed` if the check passed. */
  rule: Rule;
  step: string;
  link: string;
  /** The header to blame, if any. */
  header: string | null;
  /** A clause without a period: more may follow. */
  because: string;
}

/** @param header the header to blame, if any */
export function toFinding(
  section: keyof typeof addresses,
  step: string,
  rule: Rule,
  because: string,
  header: string | null = null,
): Finding {
  return { rule, step: `${section}, step ${step}`, link: addresses[section], header, because };
}
