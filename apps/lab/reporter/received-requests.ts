/**
 * Observes the requests that the process's Fastify server receives. Fastify publishes each new server on a
 * diagnostics channel, so these hooks run before the server's own. They never change a request.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Observation, type Observer } from './observation.ts';
import { describePurpose, isFromBrowser, isIgnored, type RequestHead } from './purposes.ts';
import { quietly } from './quietly.ts';
import { toRawFields } from './redaction/header-fields.ts';
import { redactMessage } from './redaction/messages.ts';
import { redactTarget } from './redaction/paths.ts';

/** Only documents are longer, and those aren't shown. */
const MAX_PAYLOAD_LENGTH = 65_536;

/** Observes every server that the process creates from now on. @returns a function that stops that */
export function observeReceived(observer: Observer): () => void {
  const subscriber = (message: unknown) => {
    quietly(() => addHooks((message as { fastify: FastifyInstance }).fastify, observer));
  };
  subscribe('fastify.initialization', subscriber);
  return () => void unsubscribe('fastify.initialization', subscriber);
}

function addHooks(server: FastifyInstance, observer: Observer): void {
  const received = new WeakMap<IncomingMessage, ReceivedRequest>();

  server.addHook('onRequest', (request, reply, done) => {
    quietly(() => {
      if (isIgnored(headOf(request.raw))) return;
      const observed = new ReceivedRequest(request, observer);
      received.set(request.raw, observed);
      // No hook runs when the client disconnects or a route writes to the raw response. `close` always fires.
      reply.raw.once('close', () => quietly(() => observed.end(reply)));
    });
    done();
  });
  server.addHook('preValidation', (request, _reply, done) => {
    quietly(() => received.get(request.raw)?.seeBody(request.body));
    done();
  });
  server.addHook('onSend', (request, _reply, payload, done) => {
    quietly(() => received.get(request.raw)?.seePayload(payload));
    done();
  });
}

class ReceivedRequest {
  readonly #observation: Observation;
  readonly #origins: Observer['origins'];
  readonly #raw: IncomingMessage;
  readonly #server: 'sso' | 'app';
  #isRequestReported = false;
  /** Undefined for a payload that isn't read, such as a stream. */
  #payload: string | null | undefined;

  constructor({ raw, routeOptions, socket }: FastifyRequest, { reporter, report, origins }: Observer) {
    this.#raw = raw;
    this.#origins = origins;
    this.#server = reporter === 'sso' ? 'sso' : 'app';
    const head = headOf(raw);
    this.#observation = new Observation(report, reporter, {
      direction: 'received',
      client: isFromBrowser(head) ? 'browser' : 'server',
      clientPort: socket.remotePort ?? null,
      method: head.method,
      path: redactTarget(head.target, routeOptions.url),
      host: head.headers.host ?? '',
    });
    if (!hasBody(head)) this.seeBody(null);
  }

  /** @param body parsed by the server; undefined if it hasn't been */
  seeBody(body: unknown): void {
    if (this.#isRequestReported) return;
    this.#isRequestReported = true;
    const fields = toRawFields(this.#raw.rawHeaders);
    this.#observation.reportRequest({
      purpose: describePurpose(headOf(this.#raw), this.#server, body),
      request: redactMessage('request', { fields, body }, this.#origins),
    });
  }

  seePayload(payload: unknown): void {
    const isReadable = typeof payload === 'string' && payload.length <= MAX_PAYLOAD_LENGTH;
    this.#payload = isReadable ? payload : payload === null || payload === undefined ? null : undefined;
  }

  end(reply: FastifyReply): void {
    this.seeBody(undefined); // If the server responded before it read the body.
    const { headersSent, statusCode: status, writableFinished } = reply.raw;
    const fields = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
      [value].flat().map((each) => [name, String(each)] as const),
    );
    const body = this.#raw.method === 'HEAD' ? null : this.#payload;
    this.#observation.reportEnd({
      response: headersSent
        ? { status, ...redactMessage('response', { fields, body }, this.#origins) }
        : null,
      error: writableFinished ? null : 'the connection closed before the response was complete',
    });
  }
}

function headOf({ method = '', url: target = '', headers }: IncomingMessage): RequestHead {
  return { method, target, headers };
}

/** RFC 9112, section 6.3. */
function hasBody({ headers }: RequestHead): boolean {
  return (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined;
}
