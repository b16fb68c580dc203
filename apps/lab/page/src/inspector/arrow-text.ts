/** What an arrow says in the diagram: status, cookies, and what happened to its preflight. Pure. */
import type { Exchange } from '../../../exchange/exchange.ts';
import type { Arrow } from './arrows.ts';
import { formatSeconds } from './format-duration.ts';
import { cookieNames, fieldValue, HIDDEN, type Message, setCookies } from './message-fields.ts';
import { isPreflight } from './missing-preflights.ts';

/**
 * Joins the reports of both sides: the request as its recipient received it, and the response as the sender
 * of the request received it.
 */
export function shownExchange({ sent, received }: Pick<Arrow, 'sent' | 'received'>): Exchange {
  const shown = received ?? sent;
  if (shown === null) throw new TypeError('an arrow needs at least one report');
  if (sent === null || received === null) return shown;
  return {
    ...shown,
    request: isReadable(received.request) ? received.request : sent.request,
    response: isReadable(sent.response) ? sent.response : (received.response ?? sent.response),
    durationMs: sent.durationMs ?? received.durationMs,
    error: sent.error ?? received.error,
  };
}

/** A reporter hides a body that its process doesn't read. */
function isReadable(message: Message | null): boolean {
  return message !== null && message.body !== HIDDEN;
}

/** The status code, `failed`, or `pending`. */
export function statusOf({ response, error }: Pick<Exchange, 'response' | 'error'>): string {
  if (response) return String(response.status);
  return error === null ? 'pending' : 'failed';
}

/** Whether the response is an error, or none arrived. */
export function hasFailed({ response, error }: Pick<Exchange, 'response' | 'error'>): boolean {
  return response ? response.status >= 400 : error !== null;
}

/** By the member of the body that carries them. */
const tokenNames: Record<string, string> = {
  token: 'authentication token',
  client_assertion: 'client assertion',
  logout_token: 'logout token',
};

/** Returns the request's site, cookies or tokens, except for a token that the purpose names already. */
export function describeRequest({ client, purpose, request }: Exchange): string[] {
  if (client === 'server') {
    const names = request.tokens.map(({ member }) => tokenNames[member] ?? member);
    return names.filter((name) => name !== purpose);
  }
  const site = fieldValue(request, 'sec-fetch-site');
  const cookies = cookieNames(request);
  const cookieText =
    cookies.length === 0
      ? 'no cookie'
      : `${cookies.length === 1 ? 'cookie' : 'cookies'} ${cookies.join(', ')}`;
  return [...(site && site !== 'none' ? [site] : []), cookieText];
}

/** What the response changes in the browser. */
export function describeResponse(exchange: Exchange): string[] {
  const { response } = exchange;
  if (!response) return [];
  const maxAge = isPreflight(exchange) ? fieldValue(response, 'access-control-max-age') : null;
  return [
    ...(maxAge === null ? [] : [`remembered for ${formatSeconds(Number(maxAge))}`]),
    ...setCookies(response).map(({ name, isDeleted }) => `${isDeleted ? 'deletes' : 'sets'} ${name}`),
  ];
}

/** Returns the note on an arrow without a preflight; null if it has one or needs none. */
export function notePreflight({ preflight }: Arrow): string | null {
  if (preflight.kind === 'cached') return 'no preflight: the browser remembered an earlier one';
  return preflight.kind === 'missing' ? 'no preflight was sent' : null;
}

/** Returns what happened to the preflight, for the details; null if the request needs none. */
export function explainPreflight({ preflight, startedAt }: Arrow): string | null {
  switch (preflight.kind) {
    case 'none':
      return null;
    case 'sent':
      return 'The preflight just before it allowed this request.';
    case 'missing':
      return (
        'No preflight was sent, although this request needs one. The browser probably remembers one from ' +
        'before the first request shown here.'
      );
    case 'cached': {
      const ageSeconds = Math.round((startedAt - preflight.sentAt) / 1000);
      const age = ageSeconds < 1 ? 'a moment' : formatSeconds(ageSeconds);
      return (
        `The browser sent no preflight: it remembered the one from ${age} before. It may reuse that for ` +
        `${formatSeconds(preflight.maxAgeSeconds)}, for this origin and URL.`
      );
    }
  }
}
