import { expect, onTestFinished, test, vi } from 'vitest';
import { MAX_JOBS, PasswordQueue } from './password-queue.ts';

const HOME = ['2001:db8:1::/48', '2001:db8:1::/56', '2001:db8:1::/64'];
/** One of the 65,536 /64 networks of a /48. */
const rented = (index: number) => [
  '2001:db8:f::/48',
  `2001:db8:f:${(index >> 8).toString(16)}00::/56`,
  `2001:db8:f:${index.toString(16)}::/64`,
];

/** A queue whose jobs run until the test finishes them, and what has become of each. */
function controlledQueue(maxRunning = 1) {
  const queue = new PasswordQueue(maxRunning);
  const started: string[] = [];
  const overloaded: string[] = [];
  const running = new Map<string, () => void>();
  const add = (name: string, networks: readonly string[]) =>
    queue
      .run(networks, () => {
        started.push(name);
        return new Promise<void>((resolve) => running.set(name, resolve));
      })
      .catch((error: { code: string }) => overloaded.push(`${name} ${error.code}`));
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
  return { queue, add, started, overloaded, running, finishAll };
}

test('jobs of one network run one after another, in the order in which they came', async () => {
  const { add, started, running, finishAll } = controlledQueue(2);
  for (const name of ['first', 'second', 'third']) add(name, HOME);
  expect(started).toEqual(['first']);
  expect(running.size).toBe(1);
  await finishAll();
  expect(started).toEqual(['first', 'second', 'third']);
});

test.each([1, 2])('of different networks, as many jobs run side by side as are let: %d', (maxRunning) => {
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
])('when %s fills the queue, a newcomer from elsewhere gets one of its places', async (_who, flood) => {
  const { add, started, overloaded, finishAll } = controlledQueue();
  for (let index = 0; index < 200; index += 1) add(`flood ${index}`, flood(index));
  for (let index = 0; index < 5; index += 1) add(`victim ${index}`, HOME);
  await finishAll();
  expect(overloaded.filter((each) => each.startsWith('victim'))).toEqual([]);
  expect(started.filter((each) => each.startsWith('victim'))).toHaveLength(5);
  expect(started).toHaveLength(MAX_JOBS);
});

test('a network that was told "overloaded" is served like any other once there is room', async () => {
  const { add, started, overloaded, finishAll } = controlledQueue();
  for (let index = 0; index < 100; index += 1) add(`flood ${index}`, ['192.0.2.66']);
  await finishAll();
  expect(overloaded).toHaveLength(100 - MAX_JOBS);
  add('afterwards', ['192.0.2.66']);
  expect(started.at(-1)).toBe('afterwards');
});

test('a network that waits for its second turn is not overtaken by a stream of new networks', async () => {
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
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
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

test('a job whose turn comes too late for its page is refused and not started', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { add, started, overloaded, finishAll } = controlledQueue();
  add('long', HOME);
  add('late', HOME);
  vi.advanceTimersByTime(2000);
  add('in time', HOME);
  vi.advanceTimersByTime(1501);
  await finishAll();
  expect(started).toEqual(['long', 'in time']);
  expect(overloaded).toEqual(['late overloaded']);
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

test('where every network has one job and none has been served, the newcomer is refused', async () => {
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
