/** The options of `createSso`, and the checks that refuse wrong ones at creation. */
import type { StepReport } from './outcome.ts';

export interface SsoOptions {
  /** The SSO service's origin, as a browser writes it: `https://sso.example.com`. */
  ssoOrigin: string;
  /** The path below which the app's server has `/session`: `/api` for `/api/session`. By default none. */
  basePath?: string;
  /** Whether app sessions start by themselves, as they do by default, or only when the person says so. */
  mode?: 'automatic' | 'confirm';
  /** Called with each step as it happens. */
  onStep?: (report: StepReport) => void;
}

const KNOWN_OPTIONS: Record<keyof SsoOptions, true> = {
  ssoOrigin: true,
  basePath: true,
  mode: true,
  onStep: true,
};

/**
 * A misspelled option is refused: ignored, `Mode: 'confirm'` would sign people in without asking.
 *
 * @throws {TypeError} when there are no options, or naming the one that is unknown
 */
export function checkOptionNames(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw optionError('options', options, 'an object with ssoOrigin');
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(KNOWN_OPTIONS, name)) continue;
    const known = Object.keys(KNOWN_OPTIONS).join(', ');
    throw new TypeError(`Same-site SSO: ${quote(name)} is not an option; known are ${known}.`);
  }
}

/**
 * Passwords are sent to `ssoOrigin`, so a wrong one is refused rather than corrected.
 *
 * @throws {TypeError} naming the option, its value, and what is expected
 */
export function checkOptions({ ssoOrigin, basePath, mode, onStep }: Required<SsoOptions>): void {
  if (!isOrigin(ssoOrigin)) {
    throw optionError('ssoOrigin', ssoOrigin, 'a bare origin such as "https://sso.example.com"');
  }
  if (!isTrustworthy(ssoOrigin)) {
    throw optionError('ssoOrigin', ssoOrigin, 'https, or plain http on a loopback name such as "localhost"');
  }
  // `location` is missing where a server renders the page.
  if (ssoOrigin === globalThis.location?.origin) {
    throw optionError('ssoOrigin', ssoOrigin, "the SSO service's origin, not this page's own");
  }
  if (typeof basePath !== 'string' || !BASE_PATH.test(basePath)) {
    throw optionError('basePath', basePath, '"", or a path such as "/api" without a slash at its end');
  }
  if (mode !== 'automatic' && mode !== 'confirm') {
    throw optionError('mode', mode, '"automatic" or "confirm"');
  }
  if (typeof onStep !== 'function') throw optionError('onStep', onStep, 'a function');
}

/**
 * The same as `BASE_PATH` of the protocol, from which a page imports types alone. Segments of unreserved
 * characters (RFC 3986, section 2.3); a browser would resolve `.` and `..`.
 */
const BASE_PATH = /^(\/(?!\.{1,2}(\/|$))[\w.~-]+)*$/;

/** The hosts that the servers accept. `URL` also accepts an asterisk and a dot at the end. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)$/;

function isOrigin(text: unknown): text is string {
  try {
    const { protocol, origin, hostname } = new URL(text as string);
    return /^https?:$/.test(protocol) && origin === text && HOST.test(hostname);
  } catch {
    return false;
  }
}

/** Encrypted, or within this machine (Secure Contexts, section 3.1). */
function isTrustworthy(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return protocol === 'https:' || /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}

function optionError(name: string, value: unknown, expected: string): TypeError {
  const shown = typeof value === 'string' ? quote(value) : value === null ? 'null' : typeof value;
  return new TypeError(`Same-site SSO: ${name} is ${shown}; expected ${expected}.`);
}

/** Escapes everything but printable ASCII, so that invisible characters and look-alikes show. */
function quote(text: string): string {
  const toEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[^ -~]/g, toEscape);
}
