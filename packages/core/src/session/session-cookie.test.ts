import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSessionToken, SessionCookie, sha256 } from './session-cookie.ts';

const NAME = '__Host-test';

async function serve() {
  const app = Fastify();
  onTestFinished(() => app.close());
  const session = new SessionCookie(NAME);
  app.get('/set/:token', async (request, reply) => {
    session.set(reply, (request.params as { token: string }).token, 1800);
    return {};
  });
  app.get('/clear', async (_request, reply) => {
    session.clear(reply);
    return {};
  });
  app.get('/read', async (request) => ({ token: session.read(request) }));
  return app;
}

const attributesOf = (header: unknown) => String(header).split('; ').slice(1).sort();

const answerTo = async (header: string) =>
  await (await serve()).inject({ url: '/read', headers: { cookie: header } });

const read = async (header: string) => (await answerTo(header)).json().token;

describe('the session cookie', () => {
  it('is set with the attributes of the protocol, a high priority, and no other', async () => {
    const token = createSessionToken();
    const response = await (await serve()).inject(`/set/${token}`);
    const header = String(response.headers['set-cookie']);
    expect(header.split('; ')[0]).toBe(`${NAME}=${token}`);
    expect(attributesOf(header)).toEqual([
      'HttpOnly',
      'Max-Age=1800',
      'Path=/',
      'Priority=High',
      'SameSite=Strict',
      'Secure',
    ]);
  });

  it('is cleared with the same attributes, so that browsers remove it', async () => {
    const response = await (await serve()).inject('/clear');
    const header = String(response.headers['set-cookie']);
    expect(header.split('; ')[0]).toBe(`${NAME}=`);
    expect(attributesOf(header)).toEqual([
      'HttpOnly',
      'Max-Age=0',
      'Path=/',
      'Priority=High',
      'SameSite=Strict',
      'Secure',
    ]);
  });

  it('is read back', async () => {
    const token = createSessionToken();
    expect(await read(`other=1; ${NAME}=${token}; more=2`)).toBe(token);
  });

  it.each([
    ['without a space before it', (pair: string) => `other=1;${pair}`],
    ['with a semicolon behind it', (pair: string) => `${pair};`],
  ])('is read back %s', async (_how, header) => {
    const token = createSessionToken();
    expect(await read(header(`${NAME}=${token}`))).toBe(token);
  });

  it.each([
    ['no cookie', 'other=1'],
    ['an empty one', `${NAME}=`],
    ['one that is too short', `${NAME}=abc`],
    ['one that is too long', `${NAME}=${'a'.repeat(44)}`],
    ['one with other letters', `${NAME}=${'a'.repeat(42)}+`],
    ['one without the prefix', `test=${'a'.repeat(43)}`],
    ['one in other case', `__host-test=${'a'.repeat(43)}`],
    ['one that is encoded', `${NAME}=%61${'a'.repeat(42)}`],
    ['one in quotation marks', `${NAME}="${'a'.repeat(43)}"`],
    ['one whose name begins with a space that only Unicode knows', `\u00a0${NAME}=${'a'.repeat(43)}`],
    ['one without a name', `=${NAME}=${'a'.repeat(43)}`],
  ])('is null with %s', async (_what, header) => {
    expect(await read(header)).toBeNull();
  });

  it.each([
    ['with another value', createSessionToken()],
    ['with the same value', 'a'.repeat(43)],
    ['with no value', ''],
  ])('is refused if it came twice, the second time %s', async (_what, second) => {
    const [one, two] = [`${NAME}=${'a'.repeat(43)}`, `${NAME}=${second}`];
    for (const header of [`${one}; ${two}`, `${two}; other=1; ${one}`]) {
      expect((await answerTo(header)).statusCode).toBe(400);
    }
  });
});

describe('a session token', () => {
  const parse = (text: string) => new SessionCookie(NAME).read({ headers: { cookie: `${NAME}=${text}` } });

  it('has 256 random bits', () => {
    const tokens = Array.from({ length: 1000 }, createSessionToken);
    expect(new Set(tokens).size).toBe(1000);
    for (const token of tokens) {
      expect(Buffer.from(token, 'base64url')).toHaveLength(32);
      expect(parse(token)).toBe(token);
    }
  });

  it.each([
    '',
    'a'.repeat(42),
    'a'.repeat(44),
    `${'a'.repeat(42)}=`,
    `${'a'.repeat(43)}\n`,
    `\n${'a'.repeat(43)}`,
  ])('is never %j', (text) => expect(parse(text)).toBeNull());

  it('is stored as its SHA-256', () => {
    const token = createSessionToken();
    expect(sha256(token)).toEqual(createHash('sha256').update(token).digest());
  });
});
