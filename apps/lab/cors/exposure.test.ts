/** The expectations follow web-platform-tests (fetch/api/cors and resource-timing), in our own words. */
import { describe, expect, it } from 'vitest';
import { judgeWith, page } from './step.fixture.ts';
import { targetHeaderNames } from './verdict.ts';

const omit = { credentials: 'omit' } as const;
const safelisted = ['Cache-Control', 'Content-Type', 'Content-Length'];

describe('the headers of a response from another origin', () => {
  it('Safelisted response headers are readable without being exposed', () => {
    expect(judgeWith({}).exposedHeaders).toEqual(safelisted);
  });

  it.each(['x-lab-run', 'x, X-LAB-RUN', ',X-Lab-Run,'])('%j exposes X-Lab-Run', (exposeHeaders) => {
    expect(judgeWith({}, { exposeHeaders }).exposedHeaders).toEqual(targetHeaderNames);
  });

  it.each(['*', '*, x', 'x,*'])(
    'The wildcard in %j exposes nothing if credentials are included.',
    (exposeHeaders) => {
      expect(judgeWith({}, { exposeHeaders }).exposedHeaders).toEqual(safelisted);
      expect(judgeWith(omit, { exposeHeaders }).exposedHeaders).toEqual(targetHeaderNames);
    },
  );

  it.each(['X-Lab-Run x', 'X-Lab-Run;', '"X-Lab-Run"', 'X-Lab-Run, (', 'X-Lab'])(
    '%j does not expose X-Lab-Run.',
    (exposeHeaders) => {
      expect(judgeWith(omit, { exposeHeaders }).exposedHeaders).toEqual(safelisted);
    },
  );

  it('No header of an opaque or refused response is readable', () => {
    const exposed = { exposeHeaders: 'X-Lab-Run' };
    expect(judgeWith({ mode: 'no-cors' }, exposed).exposedHeaders).toEqual([]);
    expect(judgeWith({}, { ...exposed, allowOrigin: { rule: 'none' } }).exposedHeaders).toEqual([]);
  });

  it("All headers of a response from the page's own origin are readable.", () => {
    expect(judgeWith({ target: 'same-origin' }).exposedHeaders).toEqual(targetHeaderNames);
  });
});

describe('the timing of a response from another origin', () => {
  it.each(['*', page, ` ${page} `, `http://b.example, ${page}`, 'x, *'])(
    'Timing-Allow-Origin %j makes the timing readable.',
    (value) => {
      expect(judgeWith({}, { timingAllowOrigin: value }).isTimingReadable).toBe(true);
    },
  );

  it.each([null, '', 'null', '**', `${page}/`, page.toUpperCase(), `http://b.example ${page}`])(
    'Timing-Allow-Origin %j does not make the timing readable.',
    (value) => {
      expect(judgeWith({}, { timingAllowOrigin: value }).isTimingReadable).toBe(false);
    },
  );

  it('The timing is always readable from the own origin, and never for a refused response', () => {
    expect(judgeWith({ target: 'same-origin' }).isTimingReadable).toBe(true);
    const refused = { timingAllowOrigin: '*', allowOrigin: { rule: 'none' } } as const;
    expect(judgeWith({}, refused).isTimingReadable).toBe(false);
  });

  it('The timing of an opaque response is readable only if it has no body', () => {
    const policy = { timingAllowOrigin: '*' };
    expect(judgeWith({ mode: 'no-cors' }, policy).isTimingReadable).toBe(false);
    expect(judgeWith({ mode: 'no-cors', method: 'HEAD' }, policy).isTimingReadable).toBe(true);
    expect(judgeWith({ mode: 'no-cors', method: 'HEAD' }).isTimingReadable).toBe(false);
  });
});
