/**
 * One process of the site, which can be started, stopped, and started again. Its standard output goes to its
 * log file, its standard error to ours, with its name before each line.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { workspace } from '../node24.mjs';
import { isReady } from './readiness.ts';
import type { Environment, ProcessName } from './site-settings.ts';

const MAX_START_SECONDS = 15;
/** Longer than a process waits for its pending requests. */
const MAX_STOP_SECONDS = 15;
const POLL_INTERVAL_MS = 50;
/** How long to wait for the last lines on standard error. */
const STDERR_GRACE_MS = 500;

export type ProcessSettings = {
  readonly name: ProcessName | 'lab';
  readonly origin: string;
  readonly address: string;
  readonly authorityFile: string | null;
  readonly logFile: string;
  /** Node's arguments. */
  readonly command: readonly string[];
  readonly environment: Environment;
};

type Run = {
  readonly child: ChildProcess;
  /** Fulfilled when the process has ended, such as with `ended with status 1`. */
  readonly end: Promise<string>;
};

// However this process ends, it leaves no child behind.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class SiteProcess {
  readonly name: ProcessName | 'lab';
  /** For browsers. */
  readonly origin: string;
  /** For servers and tests: few resolvers outside browsers know `*.localhost`. */
  readonly address: string;
  readonly logFile: string;
  /** Fulfilled with the reason when the process ends unexpectedly. */
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

  /** Sends SIGTERM and waits until the process has ended. Rejects unless it ends with status 0. */
  async stop(): Promise<void> {
    const child = this.#run?.child;
    if (child === undefined || !running.has(child)) return;
    const timer = setTimeout(() => child.kill('SIGKILL'), MAX_STOP_SECONDS * 1000);
    const end = await this.end('SIGTERM');
    clearTimeout(timer);
    if (end !== 'ended with status 0') throw new Error(`${this.name} got SIGTERM and ${end}`);
  }

  /** Sends a signal and waits until the process has ended. @returns how, such as `ended with status 0` */
  async end(signal: NodeJS.Signals): Promise<string> {
    const run = this.#run;
    if (run === null) throw new Error(`${this.name} is not running`);
    this.#run = null;
    run.child.kill(signal);
    return await run.end;
  }

  /** Null while it isn't running. */
  get pid(): number | null {
    return this.#run?.child.pid ?? null;
  }

  /** The lines of the log since the first start. */
  log(): string[] {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(0, -1);
  }

  async #becomeReady(signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + MAX_START_SECONDS * 1000;
    while (!signal.aborted && !(await isReady(this.address, this.#settings.authorityFile))) {
      if (Date.now() > deadline) throw new Error(`${this.name} was not ready within ${MAX_START_SECONDS} s`);
      await delay(POLL_INTERVAL_MS);
    }
  }

  #spawn(): Run {
    const { name, command, environment, logFile } = this.#settings;
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, command, {
      cwd: workspace,
      env: { ...process.env, ...environment },
      stdio: ['ignore', log, 'pipe'],
      // In its own process group, so that Ctrl-C reaches it only as the signal that stop() sends.
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
      // Print its last lines first. A child of its own may hold the pipe open, so don't wait for long.
      await Promise.race([closed, delay(STDERR_GRACE_MS, undefined, { ref: false })]);
      return status === null ? `was ended by ${signal}` : `ended with status ${status}`;
    });
    return { child, end };
  }
}
