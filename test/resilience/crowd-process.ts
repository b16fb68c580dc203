/**
 * A crowd of clients in a process of its own, at low priority so that it doesn't slow down the measurements.
 * Keeps a number of connections busy until its second message, and then reports the statuses. Started by
 * load.test.ts.
 */
import { connect } from 'node:net';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

export interface CrowdTask {
  address: string;
  connections: number;
  /** Sent in turn, each after the response to the one before. */
  requests: readonly string[];
  /** Sent every half second until the response arrives: for clients that are slow on purpose. */
  trickle: string;
  /** Pause of each connection after a response. */
  restMs: number;
}

/** Number of responses by status; 0 counts connections that were closed without one. */
export type CrowdReport = Record<number, number>;

const report: CrowdReport = {};
let [isOver, next] = [false, 0];

/** Sends one request on a new connection, and resolves when the connection is closed. */
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
    // Clients that are slow on purpose don't end by themselves.
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
    await delay(task.restMs);
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
