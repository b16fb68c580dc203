import { describe, expect, it } from 'vitest';
import type { ExperimentRequest } from './experiment-request.ts';
import { prepareRequest } from './prepare-request.ts';
import { prepare, simpleRequest } from './step.fixture.ts';

const findingOf = (changes: Partial<ExperimentRequest>) => {
  const preparation = prepareRequest({ ...simpleRequest, ...changes });
  return preparation.isValid ? null : preparation.finding;
};

describe('the method', () => {
  it.each([
    ['get', 'GET'],
    ['Head', 'HEAD'],
    ['post', 'POST'],
    ['pUT', 'PUT'],
    ['delete', 'DELETE'],
    ['options', 'OPTIONS'],
    ['patch', 'patch'],
    ['Patch', 'Patch'],
    ['query', 'query'],
    ['CHICKEN', 'CHICKEN'],
    ['geT ', 'geT '],
  ])('fetch() turns %j into %j.', (given, sent) => {
    expect(prepare({ method: given }).method).toBe(sent);
  });

  it.each(['CONNECT', 'TRACE', 'TRACK', 'connect', 'Trace', 'tRaCk'])('fetch() throws for %s', (method) => {
    expect(findingOf({ method })).toMatchObject({
      rule: 'invalid-request',
      step: 'Request constructor, step 25.2',
    });
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'put'])(
    'fetch() throws for %s in mode no-cors.',
    (method) => {
      const finding = { rule: 'invalid-request', step: 'Request constructor, step 32.1' };
      expect(findingOf({ method, mode: 'no-cors' })).toMatchObject(finding);
    },
  );

  it.each(['GET', 'HEAD', 'POST', 'post'])('fetch() accepts %s in mode no-cors', (method) => {
    expect(findingOf({ method, mode: 'no-cors' })).toBeNull();
  });
});

describe('the body', () => {
  it.each([
    ['GET', 'x'],
    ['get', 'x'],
    ['HEAD', 'x'],
    ['GET', ''],
  ])('fetch() throws for a %s request with the body %j.', (method, body) => {
    expect(findingOf({ method, body })).toMatchObject({
      rule: 'invalid-request',
      step: 'Request constructor, step 35',
    });
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'fetch() accepts a %s request with a body.',
    (method) => {
      expect(findingOf({ method, body: 'x' })).toBeNull();
    },
  );

  it('A body without Content-Type is text/plain', () => {
    const { headers } = prepare({ method: 'POST', body: '' });
    expect(headers).toEqual([['Content-Type', 'text/plain;charset=UTF-8']]);
  });

  it('A Content-Type that the page sets is kept', () => {
    const { headers } = prepare({
      method: 'POST',
      body: '{}',
      headers: [['content-type', 'application/json']],
    });
    expect(headers).toEqual([['content-type', 'application/json']]);
  });

  it('Mode no-cors silently replaces application/json with text/plain', () => {
    const jsonHeaders: ExperimentRequest['headers'] = [['Content-Type', 'application/json']];
    const prepared = prepare({ method: 'POST', mode: 'no-cors', body: '{}', headers: jsonHeaders });
    expect(prepared.headers).toEqual([['Content-Type', 'text/plain;charset=UTF-8']]);
    expect(prepared.droppedNames).toEqual(['Content-Type']);
  });
});

describe('the headers', () => {
  it.each([
    ['Accept-Charset', 'utf-8'],
    ['Accept-Encoding', 'br'],
    ['Access-Control-Request-Headers', 'x'],
    ['Access-Control-Request-Method', 'PUT'],
    ['Connection', 'close'],
    ['Content-Length', '3'],
    ['Cookie', 'a=b'],
    ['cookie2', 'a=b'],
    ['Date', 'today'],
    ['DNT', '1'],
    ['Expect', '100-continue'],
    ['HOST', 'a.example'],
    ['Keep-Alive', '1'],
    ['Origin', 'https://a.example'],
    ['Referer', 'https://a.example/'],
    ['Set-Cookie', 'a=b'],
    ['TE', 'trailers'],
    ['Trailer', 'x'],
    ['Transfer-Encoding', 'chunked'],
    ['Upgrade', 'h2c'],
    ['Via', '1.1 a'],
    ['Proxy-', '1'],
    ['Proxy-Authorization', 'x'],
    ['Sec-', '1'],
    ['sec-fetch-site', 'same-origin'],
    ['X-HTTP-Method', 'TRACE'],
    ['X-HTTP-Method-Override', 'GET, track'],
    ['x-method-override', ' connect '],
  ])('fetch() silently drops %s: %s.', (name, value) => {
    expect(prepare({ headers: [[name, value]] })).toMatchObject({ headers: [], droppedNames: [name] });
  });

  it.each([
    ['Access-Control-Allow-Origin', '*'],
    ['Secret', '1'],
    ['Proxy', '1'],
    ['User-Agent', 'x'],
    ['X-HTTP-Method-Override', 'PUT'],
    ['X-HTTP-Method-Override', 'TRACER'],
    ['X-Forwarded-For', '127.0.0.1'],
  ])('fetch() keeps %s: %s.', (name, value) => {
    expect(prepare({ headers: [[name, value]] })).toMatchObject({
      headers: [[name, value]],
      droppedNames: [],
    });
  });

  it('Spaces around a value are removed', () => {
    expect(prepare({ headers: [['X-Test', '  a b ']] }).headers).toEqual([['X-Test', 'a b']]);
  });

  it.each(['Authorization', 'X-Test', 'Range', 'Cookie', 'If-Match'])('Mode no-cors drops %s', (name) => {
    const prepared = prepare({ mode: 'no-cors', headers: [[name, 'bytes=0-1']] });
    expect(prepared).toMatchObject({ headers: [], droppedNames: [name] });
  });

  it('Mode no-cors drops a repeated header that makes the joined value unsafe', () => {
    const headers: ExperimentRequest['headers'] = [
      ['Content-Type', 'text/plain'],
      ['content-type', 'text/plain'],
    ];
    const prepared = prepare({ mode: 'no-cors', method: 'POST', headers });
    expect(prepared).toMatchObject({
      headers: [['Content-Type', 'text/plain']],
      droppedNames: ['content-type'],
    });
  });
});
