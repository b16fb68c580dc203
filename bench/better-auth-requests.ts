/** Requests to `better-auth`. */
import type { HttpRequest } from './requests.ts';

const USER = { email: 'ada@example.com', password: 'correct horse battery staple' };

export function signUp(address: string): HttpRequest {
  return post(address, '/api/auth/sign-up/email', { name: 'Ada Lovelace', ...USER });
}

export function signIn(address: string): HttpRequest {
  return post(address, '/api/auth/sign-in/email', USER);
}

export function getSession(cookie: string): HttpRequest {
  return { method: 'GET', path: '/api/auth/get-session', headers: { cookie } };
}

function post(address: string, path: string, body: object): HttpRequest {
  const headers = { origin: address, 'content-type': 'application/json' };
  return { method: 'POST', path, headers, body: JSON.stringify(body) };
}
