/** The options of `createSso`, validated when it is called. */
import type { StepReport } from './outcome.ts';

export interface SsoOptions {
  /** The SSO service's origin, as a browser serializes it: `https://sso.example.com`. */
  ssoOrigin: string;
  /** The path below which the app's server has `/session`: `/api` for `/api/session`. Default: none. */
  basePath?: string;
  /** Whether app sessions start silently, or only after `confirm`. Default: `automatic`. */
  mode?: 'automatic' | 'confirm';
  /** Called each time the state of a step changes. */
  onStep?: (report: StepReport) => void;
}

/**
 * Refuses wrong options instead of correcting or ignoring them: passwords are sent to `ssoOrigin`, and a
 * misspelled `Mode: 'confirm'` would sign people in without asking.
 *
 * @returns the options with their defaults
 * @throws {TypeError} naming the option, its value and what is expected
 */
export function validateOptions(options: SsoOptions): Required<SsoOptions> {
  if (typeof options !== 'object' || options === null) {
    throw optionError('options', options, 'an object with ssoOrigin');
  }
  const { ssoOrigin, basePath = '', mode = 'automatic', onStep = () => {}, ...unknown } = options;
  const [unknownName] = Object.keys(unknown);
  if (unknownName !== undefined) {
    const known = 'ssoOrigin, basePath, mode, onStep';
    throw new TypeError(`Same-site SSO: unknown option ${quote(unknownName)}; expected one of ${known}.`);
  }
  if (!isOrigin(ssoOrigin)) {
    throw optionError('ssoOrigin', ssoOrigin, 'a bare origin such as "https://sso.example.com"');
  }
  if (!isTrustworthy(ssoOrigin)) {
    throw optionError('ssoOrigin', ssoOrigin, 'https, or http on a loopback host such as "localhost"');
  }
  // A server that renders the page has no `location`.
  if (ssoOrigin === globalThis.location?.origin) {
    throw optionError('ssoOrigin', ssoOrigin, "the SSO service's origin, not this page's own");
  }
  if (typeof basePath !== 'string' || !BASE_PATH.test(basePath)) {
    throw optionError('basePath', basePath, 'a path such as "/api", or ""');
  }
  if (mode !== 'automatic' && mode !== 'confirm') {
    throw optionError('mode', mode, '"automatic" or "confirm"');
  }
  if (typeof onStep !== 'function') throw optionError('onStep', onStep, 'a function');
  return { ssoOrigin, basePath, mode, onStep };
}

/**
 * Equal to `BASE_PATH` in packages/protocol, from which a page imports only types. Segments of unreserved
 * characters (RFC 3986, section 2.3); a browser would resolve `.` and `..`.
 */
const BASE_PATH = /^(\/(?!\.{1,2}(\/|$))[\w.~-]+)*$/;

/** The hosts that the servers accept. `URL` also accepts an asterisk and a trailing dot. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)$/;

function isOrigin(text: unknown): text is string {
  try {
    const { protocol, origin, hostname } = new URL(text as string);
    return /^https?:$/.test(protocol) && origin === text && HOST.test(hostname);
  } catch {
    return false;
  }
}

/** HTTPS or loopback (Secure Contexts, section 3.1). */
function isTrustworthy(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  return protocol === 'https:' || /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}

function optionError(name: string, value: unknown, expected: string): TypeError {
  const shown = typeof value === 'string' ? quote(value) : value === null ? 'null' : typeof value;
  return new TypeError(`Same-site SSO: ${name} is ${shown}; expected ${expected}.`);
}

/** Escapes everything but printable ASCII, so that invisible and look-alike characters show. */
function quote(text: string): string {
  const toEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[^ -~]/g, toEscape);
}
