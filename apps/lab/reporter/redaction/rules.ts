/**
 * Rules that say what may be shown of a JSON value. They deny by default: a value is shown only if a rule
 * names its member and accepts its form. `members.ts` applies them to the protocol's bodies.
 */
export const HIDDEN = '(hidden)';

/** A JWT that a message carried. */
export interface FoundToken {
  /** The member of the body that held it. */
  readonly member: string;
  /** The header as received, to check the signature. */
  readonly rawHeader: { readonly alg?: unknown; readonly kid?: unknown };
  /** The claim `iss` as received. It selects the key set. */
  readonly issuer: unknown;
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  /** The whole JWT with its signature. It never leaves this process. */
  readonly jwt: string;
}

/** What the rules find in a message, besides the values that they show. */
export interface Findings {
  /** The site's own origins. Any other origin in a message may be text that a client chose. */
  readonly origins: ReadonlySet<unknown>;
  readonly tokens: FoundToken[];
  /** Whether something is hidden. The message's length would then reveal the length of what is hidden. */
  isSomethingHidden: boolean;
}

/** Returns what to show in place of a value. `member` is the value's name. */
export type Rule = (value: unknown, findings: Findings, member: string) => unknown;

/** The longest list that is shown in full. */
const MAX_LIST_LENGTH = 20;

export const hidden: Rule = (_value, findings) => {
  findings.isSomethingHidden = true;
  return HIDDEN;
};

function shownIf(isShown: (value: unknown) => boolean): Rule {
  return (value, findings, member) => (isShown(value) ? value : hidden(value, findings, member));
}

export const number = shownIf((value) => typeof value === 'number');

export const flag = shownIf((value) => typeof value === 'boolean');

export function text(maxLength: number, pattern = /^/): Rule {
  return shownIf((value) => typeof value === 'string' && value.length <= maxLength && pattern.test(value));
}

/** One of the known values. */
export function known(...values: readonly unknown[]): Rule {
  return shownIf((value) => values.includes(value));
}

/** The id of an account, a session or a token. */
export const identifier = text(36, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);

/** 32 bytes in base64url: a key's thumbprint (RFC 7638), which is its `kid`, or an Ed25519 public key. */
export const keyText = text(43, /^[\w-]{43}$/);

/** The origin of one of the site's servers. */
export const knownOrigin: Rule = (value, findings, member) =>
  findings.origins.has(value) ? value : hidden(value, findings, member);

/** An origin, or the URL of an endpoint without a query. */
export const address = text(200, /^https?:\/\/[\w.:[\]-]+(\/[\w./-]*)?$/);

/** Applies a rule to each named member. Others are only counted: a client may have chosen their names. */
export function object(members: Readonly<Record<string, Rule>>): Rule {
  return (value, findings, member) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return hidden(value, findings, member);
    }
    const shown: Record<string, unknown> = {};
    let otherCount = 0;
    for (const [name, each] of Object.entries(value)) {
      const rule = Object.hasOwn(members, name) ? members[name] : undefined;
      if (rule === undefined) otherCount += 1;
      else shown[name] = rule(each, findings, name);
    }
    if (otherCount > 0) shown[`(${otherCount} more)`] = hidden(value, findings, member);
    return shown;
  };
}

export function list(rule: Rule): Rule {
  return (value, findings, member) => {
    if (!Array.isArray(value)) return hidden(value, findings, member);
    const shown = value.slice(0, MAX_LIST_LENGTH).map((each) => rule(each, findings, member));
    const otherCount = value.length - shown.length;
    return otherCount > 0 ? [...shown, `(${otherCount} more)`] : shown;
  };
}

/** Applies the first rule to a list, the second to anything else. */
export function listOr(rule: Rule, otherRule: Rule): Rule {
  return (value, findings, member) => (Array.isArray(value) ? rule : otherRule)(value, findings, member);
}
