/** What an app's page says about its site, refused at creation where it can't be right. */
import type { StepReport } from './outcome.ts';

export interface SsoOptions {
  /** The SSO service's origin, as a browser writes it: `https://sso.example.com`. */
  ssoOrigin: string;
  /** Where the app's server has moved `/session` to: `/api` for `/api/session`. By default it hasn't. */
  basePath?: string;
  /** Whether app sessions start by themselves, as they do by default, or only when the person says so. */
  mode?: 'automatic' | 'confirm';
  /** Is told of every step as it happens. */
  onStep?: (report: StepReport) => void;
}

/**
 * Passwords go to `ssoOrigin`, so it is never corrected or guessed at.
 *
 * @throws {TypeError} naming the option, its value, and what is expected
 */
export function checkOptions({ ssoOrigin, basePath, mode, onStep }: Required<SsoOptions>): void {
  if (!isOrigin(ssoOrigin)) {
    throw wrongOption('ssoOrigin', ssoOrigin, 'a bare origin such as "https://sso.example.com"');
  }
  if (!isTrustworthy(ssoOrigin)) {
    throw wrongOption('ssoOrigin', ssoOrigin, 'https, or plain http on a loopback name such as "localhost"');
  }
  // There is no location where a server renders the page.
  if (ssoOrigin === globalThis.location?.origin) {
    throw wrongOption('ssoOrigin', ssoOrigin, "the SSO service's origin, not this page's own");
  }
  if (typeof basePath !== 'string' || !BASE_PATH.test(basePath)) {
    throw wrongOption('basePath', basePath, '"", or a path such as "/api" without a slash at its end');
  }
  if (mode !== 'automatic' && mode !== 'confirm') {
    throw wrongOption('mode', mode, '"automatic" or "confirm"');
  }
  if (typeof onStep !== 'function') throw wrongOption('onStep', onStep, 'a function');
}

/** Segments of unreserved characters (RFC 3986, section 2.3); a browser would resolve `.` and `..`. */
const BASE_PATH = /^(\/(?!\.{1,2}(\/|$))[\w.~-]+)*$/;

/** The same hosts as the servers allow: URLs may have an asterisk or a final dot in theirs. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)$/;

function isOrigin(text: unknown): text is string {
  try {
    const { protocol, origin, hostname } = new URL(text as string);
    return /^https?:$/.test(protocol) && origin === text && HOST.test(hostname);
  } catch {
    return false;
  }
}

/** Encrypted, or never off this machine (Secure Contexts, section 3.1). */
function isTrustworthy(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return protocol === 'https:' || /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}

function wrongOption(name: string, value: unknown, expected: string): TypeError {
  const shown = typeof value === 'string' ? quote(value) : value === null ? 'null' : typeof value;
  return new TypeError(`Same-site SSO: ${name} is ${shown}; expected ${expected}.`);
}

/** Shows white space, control characters and look-alikes for what they are. */
function quote(text: string): string {
  const toEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[^ -~]/g, toEscape);
}
