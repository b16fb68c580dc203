/** HTTP requests outside of a round: they prepare the round, or check what the servers respond. */
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

/** The connections of the load generator. Outside of a round, requests share at most as many. */
export const CONNECTIONS = 32;

export type HttpRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type HttpResponse = {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The cookies that it sets, as the value of a `Cookie` header. */
  readonly cookie: string;
};

export type IsExpected = (response: HttpResponse) => boolean;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

export async function sendAll(address: string, requests: readonly HttpRequest[]): Promise<HttpResponse[]> {
  return await Promise.all(requests.map((request) => send(address, request)));
}

/** @throws {Error} if the server refuses the request */
export async function send(
  address: string,
  { method, path, headers, body }: HttpRequest,
): Promise<HttpResponse> {
  const sent = httpRequest(new URL(path, address), { method, headers, agent });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const content = await text(response);
  if (response.statusCode >= 400) {
    throw new Error(`${method} ${path} at ${address}: ${response.statusCode} ${content}`);
  }
  const cookies: string[] = response.headers['set-cookie'] ?? [];
  return {
    headers: response.headers,
    body: content,
    cookie: cookies.map((cookie) => cookie.split(';', 1)[0]).join('; '),
  };
}

/** @throws {Error} unless the response is as expected. Load generators check only its status. */
export async function expectResponse(
  address: string,
  request: HttpRequest,
  isExpected: IsExpected,
): Promise<void> {
  const response = await send(address, request);
  if (isExpected(response)) return;
  throw new Error(`${request.method} ${request.path} at ${address} responded ${JSON.stringify(response)}`);
}

/** @returns whether a response is JSON with a signed token (JWS Compact Serialization) under this name */
export function hasJwt(name: string): IsExpected {
  return ({ body }) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(JSON.parse(body)[name]);
}
