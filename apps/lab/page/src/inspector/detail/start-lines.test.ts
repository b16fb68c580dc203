import { expect, it } from 'vitest';
import { startLineOf, statusLineOf } from './start-lines.ts';

it('The first lines are written as HTTP/1.1 writes them', () => {
  expect(startLineOf({ method: 'DELETE', path: '/session?scope=site' })).toBe(
    'DELETE /session?scope=site HTTP/1.1',
  );
  expect(statusLineOf(204)).toBe('HTTP/1.1 204 No Content');
  expect(statusLineOf(299)).toBe('HTTP/1.1 299');
});
