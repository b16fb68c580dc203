/** Checks a visitor's input with the schemas that also check links and the requests to the server. */
import * as v from 'valibot';
import { ExperimentRequest, fieldValue } from '../../../../cors/experiment-request.ts';

const { method } = ExperimentRequest.entries;

/** Returns why a text can't be a header's value; null if it can. */
export function valueError(value: string): string | null {
  return v.is(fieldValue, value) ? null : 'Only printable ASCII characters, at most 200.';
}

/** Returns why a text can't be a method or a header's name; null if it can. */
export function tokenError(token: string): string | null {
  return v.is(method, token) ? null : "Only letters, digits, and !#$%&'*+-.^_`|~, at least one.";
}
