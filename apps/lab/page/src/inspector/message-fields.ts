/** Reads the headers of a message. Pure. */
import type { Exchange } from '../../../exchange/exchange.ts';

export type Message = Exchange['request'];

/** The reporters' placeholder for a value that they hide entirely. */
export const HIDDEN = '(hidden)';

/** Returns the value of a header, null without it. Names are compared without case. */
export function fieldValue({ fields }: Pick<Message, 'fields'>, name: string): string | null {
  return fields.find((field) => field.name.toLowerCase() === name)?.value ?? null;
}

/** Returns the names of a request's cookies. */
export function cookieNames({ fields }: Pick<Message, 'fields'>): string[] {
  return fields
    .filter(({ name }) => name.toLowerCase() === 'cookie')
    .flatMap(({ value }) => value.split(';'))
    .map((pair) => nameOf(pair))
    .filter((name) => name !== '');
}

export interface SetCookie {
  name: string;
  /** Whether it deletes the cookie. */
  isDeleted: boolean;
}

/** Returns the cookies that a response sets or deletes. */
export function setCookies({ fields }: Pick<Message, 'fields'>): SetCookie[] {
  return fields
    .filter(({ name }) => name.toLowerCase() === 'set-cookie')
    .map(({ value }) => ({
      name: nameOf(value),
      isDeleted: /;\s*(max-age=0\b|expires=thu, 01 jan 1970)/i.test(value),
    }));
}

function nameOf(pair: string): string {
  return pair.slice(0, pair.indexOf('=')).trim();
}
