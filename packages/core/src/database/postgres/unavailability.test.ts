import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { HttpProblem } from '../../problem/http-problem.ts';
import { describePostgresError, keepsConnection, toUnavailable } from './unavailability.ts';

function serverError(code: string): pg.DatabaseError {
  const error = new pg.DatabaseError('as the server says', 0, 'error');
  return Object.assign(error, { code, severity: 'ERROR' });
}

describe('an error of the server', () => {
  it.each([
    ['08P01', 'a pooler that has no connection'],
    ['25006', 'a read-only server'],
    ['25P03', 'a transaction that was idle for too long'],
    ['28P01', 'another password'],
    ['3D000', 'a database that was dropped'],
    ['53100', 'a full disk'],
    ['53300', 'too many connections'],
    ['55P03', 'a lock'],
    ['57014', 'a statement that took too long'],
    ['57P01', 'a shutdown'],
    ['57P03', 'a server that is starting'],
    ['58030', 'a failing disk'],
    ['XX001', 'damaged data'],
  ])('means that the database is unavailable: %s, %s', (code) => {
    const problem = toUnavailable(serverError(code)) as HttpProblem;
    expect(problem.code).toBe('unavailable');
    expect(problem.logReason).toBe(`${code}: as the server says`);
    expect(keepsConnection(serverError(code))).toBe(code === '55P03' || code === '57014');
  });

  it.each(['23505', '22021', '25P02', '40001', '40P01', '42601', '55000'])(
    'is passed on unchanged if the statement is at fault: %s',
    (code) => {
      const error = serverError(code);
      expect(toUnavailable(error)).toBe(error);
      expect(keepsConnection(error)).toBe(true);
    },
  );
});

describe('an error of the connection', () => {
  it('means that the database is unavailable, and that another connection is needed', () => {
    // Its code looks like an SQLSTATE.
    const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    expect(toUnavailable(error)).toBeInstanceOf(HttpProblem);
    expect(keepsConnection(error)).toBe(false);
  });

  it('is described for each address that was tried', () => {
    const errors = ['connect ECONNREFUSED ::1:1', 'connect ECONNREFUSED 127.0.0.1:1'].map(
      (text) => new Error(text),
    );
    expect(describePostgresError(new AggregateError(errors))).toBe(
      'connect ECONNREFUSED ::1:1, connect ECONNREFUSED 127.0.0.1:1',
    );
  });
});
