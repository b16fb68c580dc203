import { setImmediate } from 'node:timers/promises';
import { HttpProblem } from '@samesite-sso/core';
import { expect, test } from 'vitest';
import { AccountQueue } from './account-queue.ts';

/** Work that the test ends, and a list of what has started. */
function heldWork() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    work: (name: string) => async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      return name;
    },
    async end(name: string) {
      ends.get(name)?.();
      for (let turns = 0; turns < 3; turns += 1) await setImmediate();
    },
  };
}

test('one account’s requests run one at a time and in order; other accounts do not wait', async () => {
  const queue = new AccountQueue();
  const { begun, work, end } = heldWork();
  const results = ['first', 'second', 'third'].map((name) => queue.run('ada', work(name)));
  const other = queue.run('grace', work('hers'));
  await end('');
  expect(begun).toEqual(['first', 'hers']);
  await end('first');
  expect(begun).toEqual(['first', 'hers', 'second']);
  await end('second');
  await end('third');
  await end('hers');
  expect(await Promise.all([...results, other])).toEqual(['first', 'second', 'third', 'hers']);
});

test('each request of the queue starts in its own turn of the event loop [T-FLOOD-03]', async () => {
  const queue = new AccountQueue();
  let turn = 0;
  const turns: number[] = [];
  let isOver = false;
  const counting = (async () => {
    for (; !isOver; turn += 1) await setImmediate();
  })();
  await Promise.all(Array.from({ length: 5 }, () => queue.run('ada', async () => void turns.push(turn))));
  isOver = true;
  await counting;
  expect(new Set(turns).size).toBe(5);
});

test('ten requests of an account can wait, the next is refused, and others aren’t affected', async () => {
  const queue = new AccountQueue();
  const { begun, work, end } = heldWork();
  const accepted = Array.from({ length: 11 }, (_, index) => queue.run('ada', work(`${index}`)));
  const refused = queue.run('ada', work('one too many'));
  await expect(refused).rejects.toThrow(HttpProblem);
  await expect(refused).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
  const other = queue.run('grace', work('hers'));
  await end('');
  await end('hers');
  expect(await other).toBe('hers');
  for (let index = 0; index < 11; index += 1) await end(`${index}`);
  expect(await Promise.all(accepted)).toHaveLength(11);
  expect(begun).not.toContain('one too many');
  const later = queue.run('ada', work('later'));
  await end('');
  await end('later');
  expect(await later).toBe('later');
});

test('a failed request rejects, and the next one in the queue still runs', async () => {
  const queue = new AccountQueue();
  const failing = queue.run('ada', async () => {
    throw new Error('out of order');
  });
  const next = queue.run('ada', async () => 'done');
  await expect(failing).rejects.toThrow('out of order');
  expect(await next).toBe('done');
});
