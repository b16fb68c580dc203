import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MAX_JOBS, PasswordQueue } from './password-queue.ts';

const HOME = ['2001:db8:1::/48', '2001:db8:1::/56', '2001:db8:1::/64'];
/** One of the 65,536 /64 networks of a /48. */
const rented = (index: number) => [
  '2001:db8:f::/48',
  `2001:db8:f:${(index >> 8).toString(16)}00::/56`,
  `2001:db8:f:${index.toString(16)}::/64`,
];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A queue whose jobs run until the test finishes them, and a record of what happened to each. */
function controlledQueue(maxRunning = 1) {
  const queue = new PasswordQueue(maxRunning);
  const started: string[] = [];
  const overloaded: string[] = [];
  const retryAfterSeconds: number[] = [];
  const running = new Map<string, () => void>();
  const add = (name: string, networks: readonly string[]) =>
    queue
      .run(networks, () => {
        started.push(name);
        return new Promise<void>((resolve) => running.set(name, resolve));
      })
      .catch((error: { code: string; retryAfterSeconds: number }) => {
        overloaded.push(`${name} ${error.code}`);
        retryAfterSeconds.push(error.retryAfterSeconds);
      });
  /** Finishes the running jobs until none waits. */
  const finishAll = async () => {
    while (running.size > 0) {
      for (const [name, finish] of [...running]) {
        running.delete(name);
        finish();
      }
      await new Promise(setImmediate);
    }
  };
  /**
   * Runs jobs of these durations one after another, each from a network of its own.
   *
   * @param addNext called while the last of them still runs, so that the queue isn't empty in between
   */
  const measure = async (durationsMs: readonly number[], addNext = () => {}) => {
    const addMeasured = (index: number) => add(`measured ${index}`, [`203.0.113.${index}`]);
    addMeasured(0);
    for (const [index, durationMs] of durationsMs.entries()) {
      vi.advanceTimersByTime(durationMs);
      if (index + 1 < durationsMs.length) {
        addMeasured(index + 1);
      } else {
        started.length = 0;
        addNext();
      }
      running.get(`measured ${index}`)?.();
      running.delete(`measured ${index}`);
      await new Promise(setImmediate);
    }
  };
  return { queue, add, started, overloaded, retryAfterSeconds, running, finishAll, measure };
}

test('jobs of one network run one after another, in the order in which they came', async () => {
  const { add, started, running, finishAll } = controlledQueue(2);
  for (const name of ['first', 'second', 'third']) add(name, HOME);
  expect(started).toEqual(['first']);
  expect(running.size).toBe(1);
  await finishAll();
  expect(started).toEqual(['first', 'second', 'third']);
});

test.each([1, 2])('jobs of different networks run in parallel, up to the maximum: %d', (maxRunning) => {
  const { add, started } = controlledQueue(maxRunning);
  for (let index = 0; index < 5; index += 1) add(`client ${index}`, [`192.0.2.${index}`]);
  expect(started).toHaveLength(maxRunning);
});

test('a network that has one job waits for one turn of another that has many', async () => {
  const { add, started, finishAll } = controlledQueue();
  for (let index = 0; index < 20; index += 1) add(`flood ${index}`, ['192.0.2.66']);
  add('victim', HOME);
  await finishAll();
  expect(started.indexOf('victim')).toBeLessThanOrEqual(1);
  expect(started).toHaveLength(21);
});

test('a /48 with a thousand /64 networks has one turn in two, like any other network', async () => {
  const { add, started, finishAll } = controlledQueue();
  for (let index = 0; index < 20; index += 1) add(`flood ${index}`, rented(index * 31));
  for (let index = 0; index < 3; index += 1) add(`victim ${index}`, HOME);
  await finishAll();
  expect(started.filter((name) => name.startsWith('victim'))).toHaveLength(3);
  expect(started.indexOf('victim 2')).toBeLessThanOrEqual(6);
});

test('within a /48 the turns are shared by /56, and within that by /64', async () => {
  const { add, started, finishAll } = controlledQueue();
  add('running', rented(0));
  for (let index = 1; index < 10; index += 1) add(`flood ${index}`, rented(index));
  add('same /56, again', rented(1));
  add('other /56', rented(0x4200));
  await finishAll();
  expect(started.indexOf('other /56')).toBeLessThanOrEqual(2);
  expect(started.at(-1)).toBe('same /56, again');
});

test('one network may have all places while no other wants one, and is refused beyond them', async () => {
  const { add, started, overloaded, finishAll } = controlledQueue();
  for (let index = 0; index < MAX_JOBS + 3; index += 1) add(`job ${index}`, HOME);
  await finishAll();
  expect(overloaded).toEqual([34, 35, 36].map((index) => `job ${index} overloaded`));
  expect(started).toHaveLength(MAX_JOBS);
});

test.each([
  ['one address', () => ['192.0.2.66']],
  ['a /48, each time from another /64', rented],
])(
  'when %s fills the queue, a newcomer from elsewhere gets one of its places [T-GUESS-09]',
  async (_who, flood) => {
    const { add, started, overloaded, finishAll } = controlledQueue();
    for (let index = 0; index < 200; index += 1) add(`flood ${index}`, flood(index));
    for (let index = 0; index < 5; index += 1) add(`victim ${index}`, HOME);
    await finishAll();
    expect(overloaded.filter((each) => each.startsWith('victim'))).toEqual([]);
    expect(started.filter((each) => each.startsWith('victim'))).toHaveLength(5);
    expect(started).toHaveLength(MAX_JOBS);
  },
);

test('a network that was refused as overloaded is served like any other once there is room', async () => {
  const { add, started, overloaded, finishAll } = controlledQueue();
  for (let index = 0; index < 100; index += 1) add(`flood ${index}`, ['192.0.2.66']);
  await finishAll();
  expect(overloaded).toHaveLength(100 - MAX_JOBS);
  add('afterwards', ['192.0.2.66']);
  expect(started.at(-1)).toBe('afterwards');
});

test('a network that waits for its second turn isn’t overtaken by new networks [T-GUESS-09]', async () => {
  const { add, started, running } = controlledQueue();
  for (const name of ['home 0', 'home 1']) add(name, HOME);
  for (let index = 0; index < 100 && !started.includes('home 1'); index += 1) {
    add(`newcomer ${index}`, [`192.0.2.${index}`]);
    add(`another newcomer ${index}`, [`198.51.100.${index}`]);
    for (const [name, finish] of [...running]) {
      running.delete(name);
      finish();
    }
    await new Promise(setImmediate);
  }
  expect(started.indexOf('home 1')).toBeGreaterThan(0);
  expect(started.length).toBeLessThan(10);
});

test('a network whose check took several turns waits as many, even if it left in between', async () => {
  const { add, started, running, finishAll } = controlledQueue();
  add('expensive', ['192.0.2.66']);
  vi.advanceTimersByTime(600);
  await finishAll();
  add('running', ['198.51.100.1']);
  add('expensive again', ['192.0.2.66']);
  for (let index = 0; index < 10; index += 1) add(`cheap ${index}`, [`203.0.113.${index}`]);
  expect(running.has('expensive again')).toBe(false);
  await finishAll();
  expect(started.at(-1)).toBe('expensive again');
});

describe('a password check that would be done too late', () => {
  test('is refused at once if recent jobs took long, and all others are done in time', async () => {
    const { add, started, overloaded, retryAfterSeconds, running, measure } = controlledQueue();
    await measure([300, 300, 300], () => {
      for (let index = 0; index < MAX_JOBS; index += 1) add(`client ${index}`, [`192.0.2.${index}`]);
    });
    const startedAt = performance.now();
    expect(overloaded).toHaveLength(MAX_JOBS - 12); // The last starts after 11 × 300 ms.
    expect(Math.min(...retryAfterSeconds)).toBeGreaterThanOrEqual(4);
    expect(Math.max(...retryAfterSeconds)).toBeLessThanOrEqual(MAX_JOBS * 0.3 + 1);
    const refusedAtOnce = overloaded.length;
    while (running.size > 0) {
      vi.advanceTimersByTime(300);
      for (const [name, finish] of [...running]) {
        running.delete(name);
        finish();
      }
      await new Promise(setImmediate);
    }
    expect(started).toHaveLength(12);
    expect(performance.now() - startedAt).toBeLessThanOrEqual(4500);
    expect(overloaded).toHaveLength(refusedAtOnce);
  });

  test('is refused once two of a burst of slow jobs have shown how long they take [T-GUESS-10]', async () => {
    const { add, overloaded, running } = controlledQueue();
    for (let index = 0; index < MAX_JOBS; index += 1) add(`client ${index}`, [`192.0.2.${index}`]);
    vi.advanceTimersByTime(600);
    running.get('client 0')?.();
    await new Promise(setImmediate);
    expect(overloaded).toEqual([]);
    vi.advanceTimersByTime(600);
    running.get('client 1')?.();
    await new Promise(setImmediate);
    expect(overloaded).toHaveLength(28); // Those stay that start after 1200, 1800, 2400 and 3000 ms.
  });

  test('is not predicted from one expensive hash among many of ours', async () => {
    const { add, overloaded, measure } = controlledQueue();
    await measure([30, 30, 30, 2800], () => {
      for (let index = 0; index < 30; index += 1) add(`client ${index}`, [`192.0.2.${index}`]);
    });
    expect(overloaded).toEqual([]);
  });

  test('is not predicted from slow jobs before the queue was last empty', async () => {
    const { add, overloaded, measure } = controlledQueue();
    await measure([1400, 1400, 1400]);
    for (let index = 0; index < 20; index += 1) add(`client ${index}`, [`192.0.2.${index}`]);
    await new Promise(setImmediate);
    expect(overloaded).toEqual([]);
  });

  test('is refused at the latest when it has waited for 3.5 s, even if no job ever ends', async () => {
    const { add, started, overloaded } = controlledQueue();
    add('hanging', HOME);
    for (const name of ['one', 'other']) add(name, [name]);
    vi.advanceTimersByTime(2000);
    add('later', ['later']);
    vi.advanceTimersByTime(1501);
    await new Promise(setImmediate);
    expect(started).toEqual(['hanging']);
    expect(overloaded).toEqual(['one overloaded', 'other overloaded']);
  });

  test('never costs a network its first turn: one that had turns gives up a place [T-GUESS-09]', async () => {
    const { add, started, overloaded, finishAll, measure } = controlledQueue();
    for (const round of [1, 2]) {
      for (let index = 0; index < 4; index += 1) add(`flood ${round}`, [`198.51.100.${index}`]);
      await finishAll();
    }
    await measure([1000, 1000, 1000, 1000, 1000], () => {
      for (let index = 0; index < 4; index += 1) add('flood 3', [`198.51.100.${index}`]);
      add('victim', HOME);
    });
    await finishAll();
    expect(started).toContain('victim');
    expect(overloaded).toContain('flood 3 overloaded');
  });

  test('is predicted from the arrival of the request', async () => {
    const { queue } = controlledQueue();
    vi.advanceTimersByTime(5000);
    const late = queue.run(HOME, async () => 'done', { arrivedAtMs: performance.now() - 4000 });
    await expect(late).rejects.toMatchObject({ code: 'overloaded' });
  });

  test('doesn’t stop an idle queue from trying, however long the last jobs took [T-GUESS-09]', async () => {
    const { add, started, measure } = controlledQueue();
    await measure([60_000, 60_000, 60_000, 60_000, 60_000]);
    add('next', HOME);
    expect(started).toEqual(['next']);
  });

  test('doesn’t include a job whose turn has come, however long the last jobs took', async () => {
    const { add, started, measure } = controlledQueue();
    await measure([60_000, 60_000, 60_000, 60_000, 60_000], () => add('next', HOME));
    expect(started).toEqual(['next']);
  });
});

test('work that follows the response belongs to the same turn, and its failure is ignored', async () => {
  const { queue, add, started } = controlledQueue();
  let finish: () => void = () => {};
  const afterwards = () =>
    new Promise<void>((_resolve, reject) => (finish = () => reject(new Error('disk full'))));
  expect(await queue.run(HOME, async () => 'answer', { afterwards })).toBe('answer');
  add('next', HOME);
  await new Promise(setImmediate);
  expect(started).toEqual([]);
  finish();
  await new Promise(setImmediate);
  expect(started).toEqual(['next']);
});

test('many networks with one job each, all served before, cannot keep out one that was not', async () => {
  const { add, started, overloaded, finishAll } = controlledQueue();
  for (const round of [1, 2]) {
    for (let index = 0; index < MAX_JOBS; index += 1) add(`flood ${round}`, [`198.51.100.${index}`]);
    if (round === 1) await finishAll();
  }
  add('victim', HOME);
  await finishAll();
  expect(overloaded).toEqual(['flood 2 overloaded']);
  expect(started).toContain('victim');
});

test('if every network has one job and none has been served, the newcomer is refused', async () => {
  const { add, overloaded, finishAll } = controlledQueue();
  for (let index = 0; index <= MAX_JOBS; index += 1) add(`client ${index}`, [`192.0.2.${index}`]);
  await finishAll();
  expect(overloaded).toEqual([`client ${MAX_JOBS} overloaded`]);
});

test('a job that fails frees its place', async () => {
  const queue = new PasswordQueue();
  const failures = Array.from({ length: MAX_JOBS }, () =>
    queue.run(HOME, () => Promise.reject(new Error('broken'))),
  );
  for (const failure of failures) await expect(failure).rejects.toThrow('broken');
  expect(await queue.run(HOME, async () => 'served')).toBe('served');
});

test('all waiting jobs can be refused for one reason, and running ones go on', async () => {
  const { queue, add, started, overloaded, finishAll } = controlledQueue();
  for (const name of ['running', 'waiting', 'waiting too']) add(name, HOME);
  queue.refuseWaiting(Object.assign(new Error(), { code: 'unavailable' }));
  await finishAll();
  expect(started).toEqual(['running']);
  expect(overloaded).toEqual(['waiting unavailable', 'waiting too unavailable']);
});
