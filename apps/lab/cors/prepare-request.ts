/** What `fetch()` does before anything is sent. https://fetch.spec.whatwg.org/#dom-request */
import type { ExperimentRequest } from './experiment-request.ts';
import { isForbiddenHeader, isForbiddenMethod } from './forbidden.ts';
import { isSameName, trimValue } from './header-values.ts';
import { type Header, isNoCorsSafelistedHeader, isSafelistedMethod } from './safelist.ts';
import { type Finding, toFinding } from './standard.ts';

/** A request as it is about to be sent. */
export interface PreparedRequest extends Pick<ExperimentRequest, 'target' | 'mode' | 'credentials'> {
  method: string;
  /** The page's headers that the browser keeps, and the `Content-Type` of the body. */
  headers: readonly Header[];
  /** The names of the headers that the browser silently drops. */
  droppedNames: readonly string[];
}

type Preparation =
  | { isValid: true; prepared: PreparedRequest }
  /** `fetch()` throws a `TypeError`. */
  | { isValid: false; finding: Finding };

/** The only methods that are converted to upper case: `patch` isn't. */
const normalizedMethods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];

/** Checks and changes a request as the constructor of `Request` does. */
export function prepareRequest(request: ExperimentRequest): Preparation {
  const { target, mode, credentials, body } = request;
  if (isForbiddenMethod(request.method)) {
    return refuse('25.2', `Pages can't use the method ${request.method}, so fetch() throws a TypeError`);
  }
  const method = normalizeMethod(request.method);
  if (mode === 'no-cors' && !isSafelistedMethod(method)) {
    const because = `Mode no-cors knows only GET, HEAD and POST, so fetch() throws a TypeError for ${method}`;
    return refuse('32.1', because);
  }
  const { headers, droppedNames } = filterHeaders(request);
  if (body !== null && (method === 'GET' || method === 'HEAD')) {
    return refuse('35', `A ${method} request can't have a body, so fetch() throws a TypeError`);
  }
  return { isValid: true, prepared: { target, mode, credentials, method, headers, droppedNames } };
}

export function normalizeMethod(method: string): string {
  return normalizedMethods.find((known) => isSameName(known, method)) ?? method;
}

function refuse(step: string, because: string): Preparation {
  return { isValid: false, finding: toFinding('Request constructor', step, 'invalid-request', because) };
}

/** Drops the headers that the browser silently drops, and adds the `Content-Type` that it adds. */
export function filterHeaders({ mode, headers, body }: ExperimentRequest) {
  const kept: Header[] = [];
  const droppedNames: string[] = [];
  for (const [name, untrimmedValue] of headers) {
    const value = trimValue(untrimmedValue);
    // Mode no-cors checks the combined value of repeated headers.
    const values = [...kept.filter(([other]) => isSameName(other, name)).map(([, other]) => other), value];
    const isKept =
      mode === 'no-cors'
        ? isNoCorsSafelistedHeader([name, values.join(', ')])
        : !isForbiddenHeader(name, value);
    if (isKept) kept.push([name, value]);
    else droppedNames.push(name);
  }
  if (body !== null && !kept.some(([name]) => isSameName(name, 'content-type'))) {
    kept.push(['Content-Type', 'text/plain;charset=UTF-8']);
  }
  return { headers: kept, droppedNames };
}
