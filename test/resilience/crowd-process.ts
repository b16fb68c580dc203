/**
 * A crowd, in a process of its own and of low priority, so that whoever measures is not slowed by it: keeps so many
 * connections busy until it is told to go home, and then says what it was answered. Started by crowd.ts.
 */
import { connect } from 'node:net';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

export interface CrowdTask {
  address: string;
  connections: number;
  /** Sent one after another, each once the one before was answered. */
  requests: readonly string[];
  /** Sent now and then while no answer has come; for those who are slow on purpose. */
  trickle: string;
  /** Milliseconds that each rests after an answer. */
  rest: number;
}

/** How often it was answered, by status; 0 stands for connections that were cut off. */
export type CrowdReport = Record<number, number>;

const report: CrowdReport = {};
let [isOver, next] = [false, 0];

/** Asks once on a connection of its own, and resolves once it is answered or cut off. */
function ask({ address, requests, trickle }: CrowdTask, arrived: () => void): Promise<void> {
  const { hostname, port } = new URL(address);
  const request = requests[next++ % requests.length] ?? '';
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(request);
      arrived();
    });
    const timer = trickle === '' ? undefined : setInterval(() => socket.write(trickle), 500);
    let status = 0;
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      status ||= Number(bytes.toString('latin1').split(' ', 2)[1]);
      socket.end();
    });
    // Whoever is slow on purpose would stay for long.
    const leave = setInterval(() => isOver && trickle !== '' && socket.destroy(), 50);
    socket.once('close', () => {
      clearInterval(timer);
      clearInterval(leave);
      if (!isOver || status !== 0) report[status] = (report[status] ?? 0) + 1;
      resolve();
    });
  });
}

async function stay(task: CrowdTask, arrived: () => void): Promise<void> {
  while (!isOver) {
    await ask(task, arrived);
    await delay(task.rest);
  }
}

os.setPriority(os.constants.priority.PRIORITY_LOW);
process.once('message', async (task: CrowdTask) => {
  process.once('message', () => {
    isOver = true;
  });
  const arrivals = Array.from({ length: task.connections }, () => Promise.withResolvers<void>());
  Promise.all(arrivals.map(({ promise }) => promise)).then(() => process.send?.('gathered'));
  await Promise.all(arrivals.map(({ resolve }) => stay(task, resolve)));
  process.send?.(report, () => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
