/**
 * Loads a server from another core, with `wrk` if it is installed, otherwise with autocannon, which is slower
 * and may be the bottleneck. Requests are prepared before the round, so that making them takes no time from
 * the round.
 */
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findOnPath } from '../../scripts/checks/browser.ts';
import { workspace } from '../../scripts/node24.mjs';
import { pinCommand } from '../cores.ts';
import { dataFolder } from '../data-folder.ts';
import type { HttpRequest } from '../requests.ts';

export type LoadOptions = {
  readonly seconds: number;
  readonly connections: number;
  /** Sends each request once, and ends early when none is left. By default, sends them over and over. */
  readonly isOnce?: boolean;
  /** How much of the responses may be failures, which don't count then. By default none may. */
  readonly maxFailureShare?: number;
  /** Between a response and the next request of a connection. autocannon ignores it. */
  readonly pauseMs?: number;
  /** Ends the load early. */
  readonly signal?: AbortSignal;
};

export type Load = {
  readonly responses: number;
  readonly seconds: number;
  /** Broken connections, timeouts, and error statuses (400 and above). */
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

/** Null where autocannon takes its place. */
export const wrk = findOnPath('wrk');

/** @throws {Error} if too many requests failed: refusals are faster than responses that do the work */
export async function load(
  address: string,
  requests: readonly HttpRequest[],
  options: LoadOptions,
): Promise<Load> {
  const { responses, failures, ...result } = await loadAllowingFailures(address, requests, options);
  if (failures > responses * (options.maxFailureShare ?? 0)) {
    throw new Error(`${failures} of ${responses} requests to ${address} failed`);
  }
  if (responses === 0) throw new Error(`${address} sent no response`);
  return { responses: responses - failures, failures, ...result };
}

export async function loadAllowingFailures(
  address: string,
  requests: readonly HttpRequest[],
  { seconds, connections, isOnce = false, pauseMs = 0, signal }: LoadOptions,
): Promise<Load> {
  const file = join(dataFolder(), `requests-${crypto.randomUUID()}`);
  const repetition = isOnce ? 'once' : 'repeatedly';
  const program = wrk === null ? autocannonCommand() : wrkCommand(wrk);
  try {
    writeFileSync(file, program.format(requests, new URL(address).host));
    const command = program.command({ address, file, repetition, seconds, connections, pauseMs });
    const [name = '', ...parameters] = pinCommand(command);
    const running = promisify(execFile)(name, parameters);
    // On SIGINT, both print what they have measured.
    signal?.addEventListener('abort', () => running.child.kill('SIGINT'));
    const { stdout } = await running;
    return JSON.parse(stdout.slice(stdout.lastIndexOf('{'))); // wrk prints its own report first.
  } finally {
    rmSync(file, { force: true });
  }
}

type Parameters = {
  readonly address: string;
  readonly file: string;
  readonly repetition: string;
  readonly seconds: number;
  readonly connections: number;
  readonly pauseMs: number;
};

function wrkCommand(wrk: string) {
  return {
    format: (requests: readonly HttpRequest[], host: string) =>
      requests.map((request) => `${rawRequest(request, host)}\0`).join(''),
    command: ({ address, file, repetition, seconds, connections, pauseMs }: Parameters) => {
      const script = join(workspace, 'bench/load/prepared.lua');
      const size = ['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`];
      const options = [...size, '--timeout', '30s', '--script', script];
      return [wrk, ...options, address, '--', file, repetition, String(pauseMs)];
    },
  };
}

function autocannonCommand() {
  return {
    format: (requests: readonly HttpRequest[]) => JSON.stringify(requests),
    command: (parameters: Parameters) => [
      process.execPath,
      join(workspace, 'bench/load/autocannon.ts'),
      JSON.stringify(parameters),
    ],
  };
}

function rawRequest({ method, path, headers, body = '' }: HttpRequest, host: string): string {
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  if (method !== 'GET') lines.push(`content-length: ${Buffer.byteLength(body)}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
