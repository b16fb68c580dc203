/** Stands in for the lab's server: accepts reports with the current secret, and keeps them. */
import { writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { expect } from 'vitest';
import { localServer } from '../../../test/support/local-server.fixture.ts';
import { type Exchange, Report } from '../exchange/exchange.ts';

export type RecordingLab = Awaited<ReturnType<typeof recordingLab>>;

/** @param file the report file, written at once */
export async function recordingLab(file: string) {
  /** The bodies of all reports, including refused ones. */
  const received: string[] = [];
  const latest = new Map<string, Exchange>();
  const errors: unknown[] = [];
  let secret = '';
  const { url } = await localServer(async (request, response) => {
    const body = await text(request);
    received.push(body);
    const isKnown = request.headers.authorization === `Bearer ${secret}`;
    if (isKnown) {
      try {
        for (const exchange of v.parse(Report, JSON.parse(body)).exchanges) latest.set(exchange.id, exchange);
      } catch (error) {
        errors.push(error);
      }
    }
    response.writeHead(isKnown ? 204 : 401).end();
  });
  const lab = {
    /** Writes a new secret, as the lab's server does at each start. */
    restart() {
      secret = `secret-${Math.random()}`;
      writeFileSync(file, JSON.stringify({ url: `${url}/reports`, secret }), { mode: 0o600 });
    },
    received,
    /** The latest report of each exchange, in the order of their starts. */
    exchanges: () => [...latest.values()].sort((one, other) => one.startedAt - other.startedAt),
    /** The complete exchanges for a purpose. */
    completed: (purpose: string) =>
      lab.exchanges().filter((each) => each.purpose === purpose && each.durationMs !== null),
    /** Waits until there are this many complete exchanges. */
    async expectCompleted(purpose: string, count = 1): Promise<Exchange[]> {
      await expect.poll(() => lab.completed(purpose).length, { message: purpose }).toBe(count);
      expect(errors).toEqual([]);
      return lab.completed(purpose);
    },
  };
  lab.restart();
  return lab;
}

/** The values of a message's header. */
export function valuesOf(message: { fields: Exchange['request']['fields'] } | null, name: string): string[] {
  const fields = message?.fields.filter((field) => field.name.toLowerCase() === name.toLowerCase()) ?? [];
  return fields.map(({ value }) => value);
}
