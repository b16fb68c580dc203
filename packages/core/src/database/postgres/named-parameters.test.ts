import { expect, test } from 'vitest';
import { toStatement } from './named-parameters.ts';

test('named parameters become numbered ones, each once, in order of their first appearance', () => {
  const statement = toStatement<{ sid: string; app: string }>('SELECT :app, :sid FROM x WHERE sid = :sid');
  expect(statement({ sid: 's', app: 'a' })).toEqual(['SELECT $1, $2 FROM x WHERE sid = $2', ['a', 's']]);
});

test('casts and colons in texts aren’t parameters', () => {
  const statement = toStatement<{ at: number; atAll: number }>(
    "SELECT :at::bigint, :atAll, 'a: b', x::text[]",
  );
  expect(statement({ at: 1, atAll: 2 })).toEqual(["SELECT $1::bigint, $2, 'a: b', x::text[]", [1, 2]]);
});
