/**
 * Observes the requests that the process sends by `fetch`, on undici's diagnostics channels
 * (https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md). A subscriber that
 * throws would end the process.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Observation, type Observer } from './observation.ts';
import { describePurpose, isIgnored, type RequestHead } from './purposes.ts';
import { quietly } from './quietly.ts';
import { type RawFields, toRawFields } from './redaction/header-fields.ts';
import { redactMessage } from './redaction/messages.ts';
import { redactTarget } from './redaction/paths.ts';

/** What undici publishes of a request: the same object in all messages about it. */
interface UndiciRequest {
  readonly origin?: string | URL;
  readonly method?: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: unknown;
}

interface UndiciMessage {
  readonly request: UndiciRequest;
  readonly chunk: Uint8Array | string;
  /** Of `sendHeaders`: the request line and the headers as they were sent. */
  readonly headers: string;
  readonly socket: Socket;
  readonly response: { readonly statusCode: number; readonly headers: readonly Buffer[] };
  readonly error: NodeJS.ErrnoException;
}

const MAX_BODY_BYTES = 65_536;

/** @returns a function that stops observing */
export function observeSent(observer: Observer): () => void {
  const sent = new WeakMap<UndiciRequest, SentRequest>();
  const find = (message: unknown) => sent.get((message as UndiciMessage).request);

  const subscribers: Record<string, (message: UndiciMessage) => void> = {
    'undici:request:create': ({ request }) => {
      const head = headOf(request);
      if (!isIgnored(head)) sent.set(request, new SentRequest(request, head, observer));
    },
    'undici:client:sendHeaders': (message) => find(message)?.seeHeaders(message.headers, message.socket),
    'undici:request:bodyChunkSent': (message) => find(message)?.requestBody.add(message.chunk),
    'undici:request:bodySent': (message) => find(message)?.reportRequest(),
    'undici:request:headers': (message) => find(message)?.seeResponse(message.response),
    'undici:request:bodyChunkReceived': (message) => find(message)?.responseBody.add(message.chunk),
    'undici:request:trailers': (message) => find(message)?.end(null),
    'undici:request:error': (message) => find(message)?.end(message.error),
  };
  const entries = Object.entries(subscribers).map(
    ([channel, see]) =>
      [channel, (message: unknown) => quietly(() => see(message as UndiciMessage))] as const,
  );
  for (const [channel, subscriber] of entries) subscribe(channel, subscriber);
  return () => {
    for (const [channel, subscriber] of entries) unsubscribe(channel, subscriber);
  };
}

class SentRequest {
  readonly #observation: Observation;
  readonly #origins: Observer['origins'];
  readonly #head: RequestHead;
  readonly #server: 'sso' | 'app';
  #fields: RawFields;
  #clientPort: number | null = null;
  readonly requestBody = new Body();
  readonly responseBody = new Body();
  #isRequestReported = false;
  #response: { status: number; fields: RawFields } | null = null;

  constructor(request: UndiciRequest, head: RequestHead, { reporter, report, origins }: Observer) {
    this.#head = head;
    this.#origins = origins;
    // Apps send requests to the SSO service, and it sends requests to them.
    this.#server = reporter === 'sso' ? 'app' : 'sso';
    this.#fields = fieldsOf(request.headers);
    this.#observation = new Observation(report, reporter, {
      direction: 'sent',
      client: 'server',
      clientPort: null,
      method: head.method,
      path: redactTarget(head.target),
      host: URL.parse(String(request.origin))?.host ?? '',
    });
  }

  seeHeaders(head: string, socket: Socket): void {
    this.#clientPort = socket.localPort ?? null;
    const [, ...lines] = head.split('\r\n').filter((line) => line !== '');
    this.#fields = lines.map((line) => {
      const [name = '', value = ''] = line.split(/: (.*)/s, 2);
      return [name, value];
    });
  }

  reportRequest(): void {
    if (this.#isRequestReported) return;
    this.#isRequestReported = true;
    this.#observation.reportRequest({
      clientPort: this.#clientPort,
      purpose: describePurpose(this.#head, this.#server, null),
      request: redactMessage(
        'request',
        { fields: this.#fields, body: this.requestBody.read() },
        this.#origins,
      ),
    });
  }

  seeResponse({ statusCode, headers }: UndiciMessage['response']): void {
    this.#response = { status: statusCode, fields: fieldsOf(headers) };
  }

  /** @param error why there is no response, or null */
  end(error: NodeJS.ErrnoException | null): void {
    this.reportRequest(); // Not reported yet if it failed before it was sent.
    if (this.#response === null) {
      this.#observation.reportEnd({ response: null, error: describeError(error) });
      return;
    }
    const { status, fields } = this.#response;
    const response = {
      status,
      ...redactMessage('response', { fields, body: this.responseBody.read() }, this.#origins),
    };
    this.#observation.reportEnd({ response, error: null });
  }
}

/** Collects the chunks of a body. */
class Body {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  add(chunk: Uint8Array | string): void {
    this.#size += chunk.length;
    if (this.#size <= MAX_BODY_BYTES) this.#chunks.push(Buffer.from(chunk as Uint8Array));
  }

  /** Returns the body, up to a limit. A truncated or encoded body isn't valid JSON, so it is hidden. */
  read(): string | null {
    return this.#size === 0 ? null : Buffer.concat(this.#chunks).toString();
  }
}

function headOf({ method = '', path, headers }: UndiciRequest): RequestHead {
  const named = fieldsOf(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { method, target: path, headers: Object.fromEntries(named) };
}

function fieldsOf(headers: unknown): RawFields {
  return toRawFields(Array.isArray(headers) ? headers.map(String) : []);
}

/** Returns the code or the name of an error. Its message may quote a secret. */
function describeError(error: NodeJS.ErrnoException | null): string {
  const reason = typeof error?.code === 'string' ? error.code : error?.name;
  return `no response: ${reason ?? 'unknown'}`.slice(0, 100);
}
