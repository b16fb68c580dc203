import { describe, expect, it } from 'vitest';
import { readRefusal } from './index.ts';

const respond = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

describe('what a response of the app’s own routes says about the sign-in', () => {
  it('is that nobody is signed in', async () => {
    expect(await readRefusal(respond(401, { code: 'not-signed-in' }))).toEqual({ status: 'signed-out' });
  });

  it('is that the account isn’t in the group that the route requires', async () => {
    const response = respond(403, { code: 'not-permitted' });
    expect(await readRefusal(response)).toEqual({ status: 'not-permitted' });
  });

  it.each([{ maxAge: 600, factors: 2 }, { maxAge: 0 }, { factors: 2 }, {}])(
    'is which sign-in the route requires: %j',
    async (demands) => {
      const response = respond(401, { code: 'insufficient-user-authentication', title: 'No.', ...demands });
      expect(await readRefusal(response)).toEqual({
        status: 'insufficient-user-authentication',
        ...demands,
      });
    },
  );

  it('is nothing for any other response', async () => {
    for (const [status, body] of [
      [200, { code: 'not-signed-in' }],
      [401, { code: 'not-permitted-at-all' }],
      [403, { code: 'origin-not-allowed' }],
      [401, null],
      [401, 'not-signed-in'],
      [403, [{ code: 'not-permitted' }]],
    ] as const) {
      expect(await readRefusal(respond(status, body))).toBeNull();
    }
    expect(await readRefusal(new Response('<!doctype html>', { status: 401 }))).toBeNull();
    expect(await readRefusal(new Response(null, { status: 403 }))).toBeNull();
  });

  it('leaves the body to be read again', async () => {
    const response = respond(401, { code: 'not-signed-in' });
    await readRefusal(response);
    expect(await response.json()).toEqual({ code: 'not-signed-in' });
  });
});
