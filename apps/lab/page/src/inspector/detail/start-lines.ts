/** The first line of a request and of a response. Pure. */
import type { Exchange } from '../../../../exchange/exchange.ts';

/** The reason phrases of RFC 9110, section 15, as Node sends them. */
const REASONS: Record<number, string> = {
  101: 'Switching Protocols',
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The demo's servers speak HTTP/1.1 only. */
export function startLineOf({ method, path }: Pick<Exchange, 'method' | 'path'>): string {
  return `${method} ${path} HTTP/1.1`;
}

export function statusLineOf(status: number): string {
  return `HTTP/1.1 ${status} ${REASONS[status] ?? ''}`.trimEnd();
}
