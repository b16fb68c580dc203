/**
 * One process of the site: started, waited for until it is ready, stopped, and started again. Its standard
 * output goes to its log file, its standard error to ours with its name before each line. Which processes
 * there are: site.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { workspace } from '../node24.mjs';
import { isReady } from './readiness.ts';
import type { Environment, ProcessName } from './site-settings.ts';

const readySeconds = 15;
/** Longer than a process gives the requests under way. */
const stopSeconds = 15;
const pollMilliseconds = 50;

export type ProcessSettings = {
  readonly name: ProcessName;
  readonly origin: string;
  readonly address: string;
  readonly authorityFile: string | null;
  readonly logFile: string;
  /** What Node is called with. */
  readonly command: readonly string[];
  readonly environment: Environment;
};

type Run = {
  readonly child: ChildProcess;
  /** Fulfilled when the process is gone, with how it ended: `ended with status 1`. */
  readonly end: Promise<string>;
};

// Whatever ends this process, nothing that it started is left running.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class SiteProcess {
  readonly name: ProcessName;
  /** Where browsers reach it. */
  readonly origin: string;
  /** Where everyone else on this machine reaches it. */
  readonly address: string;
  readonly logFile: string;
  /** Fulfilled with the reason when the process ends and nobody asked it to. */
  readonly failure: Promise<string>;
  readonly #settings: ProcessSettings;
  readonly #fail: (reason: string) => void;
  #run: Run | null = null;

  constructor(settings: ProcessSettings) {
    this.name = settings.name;
    this.origin = settings.origin;
    this.address = settings.address;
    this.logFile = settings.logFile;
    this.#settings = settings;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.failure = promise;
    this.#fail = resolve;
  }

  /** Resolves once the process is ready to serve. */
  async start(): Promise<void> {
    const run = this.#spawn();
    this.#run = run;
    const waiting = new AbortController();
    const ended = run.end.then((end) => {
      const reason = `${this.name} ${end}`;
      if (this.#run === run) this.#fail(reason);
      throw new Error(reason);
    });
    try {
      await Promise.race([ended, this.#becomeReady(waiting.signal)]);
    } finally {
      waiting.abort();
    }
  }

  /** Asks the process to end and waits until it has; rejects when it did not end cleanly. */
  async stop(): Promise<void> {
    const child = this.#run?.child;
    if (child === undefined || !running.has(child)) return;
    const patience = setTimeout(() => child.kill('SIGKILL'), stopSeconds * 1000);
    const end = await this.end('SIGTERM');
    clearTimeout(patience);
    if (end !== 'ended with status 0') throw new Error(`${this.name} was asked to end and ${end}`);
  }

  /** Ends the process without a word, as a crash does, and waits until it is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /**
   * Sends the process a signal, starting or ready, and waits until it is gone.
   *
   * @returns how it ended, such as `ended with status 0`
   */
  async end(signal: NodeJS.Signals): Promise<string> {
    const run = this.#run;
    if (run === null) throw new Error(`${this.name} does not run`);
    this.#run = null;
    run.child.kill(signal);
    return await run.end;
  }

  /** The operating system's number of the process, or null when it does not run. */
  get pid(): number | null {
    return this.#run?.child.pid ?? null;
  }

  /** The lines of the log so far, from every start. */
  log(): string[] {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(0, -1);
  }

  async #becomeReady(signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + readySeconds * 1000;
    while (!signal.aborted && !(await isReady(this.address, this.#settings.authorityFile))) {
      if (Date.now() > deadline) throw new Error(`${this.name} was not ready within ${readySeconds} s`);
      await delay(pollMilliseconds);
    }
  }

  #spawn(): Run {
    const { name, command, environment, logFile } = this.#settings;
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, command, {
      cwd: workspace,
      env: { ...process.env, ...environment },
      stdio: ['ignore', log, 'pipe'],
      // A group of its own: Ctrl-C reaches it once, as the signal that stop() sends.
      detached: process.platform !== 'win32',
    });
    closeSync(log);
    running.add(child);
    if (child.stderr) {
      createInterface(child.stderr).on('line', (line) => process.stderr.write(`${name}: ${line}\n`));
    }
    const closed = once(child, 'close');
    const end = once(child, 'exit').then(async ([status, signal]) => {
      running.delete(child);
      // What it said last comes before what became of it, but a child of its own may hold the pipe open.
      await Promise.race([closed, delay(500, undefined, { ref: false })]);
      return status === null ? `was ended by ${signal}` : `ended with status ${status}`;
    });
    return { child, end };
  }
}
