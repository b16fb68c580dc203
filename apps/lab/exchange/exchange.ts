/**
 * The messages that the reporters in the demo's processes send to the lab's server, which streams them to the
 * inspector. They hold nothing secret: `reporter/` redacts them in the process that saw them.
 */
import * as v from 'valibot';

export const processNames = ['sso', 'foo', 'lorem'] as const;
export type ProcessName = (typeof processNames)[number];

const text = (maxLength: number) => v.pipe(v.string(), v.maxLength(maxLength));

/** A header as it was on the wire, redacted. A repeated header is repeated. */
export const Field = v.strictObject({ name: text(100), value: text(2000) });
export type Field = v.InferOutput<typeof Field>;

/** A JWT that a message carried. Its signature stays in the process that checked it. */
export const ReportedToken = v.strictObject({
  /** Where it was: the member of the body, such as `token` or `client_assertion`. */
  member: text(100),
  /** The decoded JOSE header and claims. */
  header: v.record(text(100), v.unknown()),
  claims: v.record(text(100), v.unknown()),
  /** `unknown-key`: the published keys couldn't be read, or don't have it. */
  signature: v.picklist(['valid', 'invalid', 'unknown-key']),
});
export type ReportedToken = v.InferOutput<typeof ReportedToken>;

const MessagePart = {
  fields: v.pipe(v.array(Field), v.maxLength(100)),
  /** The redacted body as text; null for none. */
  body: v.nullable(text(8000)),
  tokens: v.pipe(v.array(ReportedToken), v.maxLength(4)),
};

/**
 * A request and its response, as one of the two processes saw it. Both of its reports have the same id: the
 * first comes with the request, the second with the response.
 */
export const Exchange = v.strictObject({
  /** Unique among all reports since the lab's server started. */
  id: text(60),
  reporter: v.picklist(processNames),
  /** Whether the reporter received the request, or sent it to another server. */
  direction: v.picklist(['received', 'sent']),
  /** The client's TCP port: both reports of a request between servers have the same one. Null if unknown. */
  clientPort: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535))),
  /** Milliseconds since the epoch. */
  startedAt: v.number(),
  /** Milliseconds until the response was complete; null while it isn't. */
  durationMs: v.nullable(v.number()),
  /** Whether a page's browser or a server sent the request. Browsers send `Sec-Fetch-Site`. */
  client: v.picklist(['browser', 'server']),
  method: text(20),
  /** With the query. Redacted like everything else. */
  path: text(500),
  /** The authority of the request's target, such as `sso.example.localhost:4000`. */
  host: text(300),
  /** What was asked for, such as `login status`, `preflight`, `introspection`, `key set`, `logout token`. */
  purpose: text(60),
  request: v.strictObject(MessagePart),
  response: v.nullable(v.strictObject({ status: v.number(), ...MessagePart })),
  /** Set if no response arrived. */
  error: v.nullable(text(300)),
});
export type Exchange = v.InferOutput<typeof Exchange>;

/** `POST /reports`, from a reporter to the lab's server. */
export const Report = v.strictObject({ exchanges: v.pipe(v.array(Exchange), v.maxLength(100)) });
export type Report = v.InferOutput<typeof Report>;

/**
 * Where to report to, such as `http://127.0.0.1:4010/reports`: on this machine, or at a name without a dot,
 * as containers have. Such a name must start with a letter, because a number would be an IP address.
 */
export const ReportUrl = v.pipe(
  text(300),
  v.regex(/^https?:\/\/(127\.0\.0\.1|\[::1\]|([a-z\d-]+\.)*localhost|[a-z][a-z\d-]*)(:\d{1,5})?\/reports$/),
);

/** The file that the lab's server writes at each start, for the reporters. Only its own user can read it. */
export const ReportFile = v.strictObject({
  url: ReportUrl,
  /** 32 random bytes in base64url, new at each start, for `Authorization: Bearer`. */
  secret: text(100),
});
export type ReportFile = v.InferOutput<typeof ReportFile>;
