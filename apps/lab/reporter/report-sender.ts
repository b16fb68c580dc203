/**
 * Sends reports to the lab's server, one request at a time. While the lab isn't running, reports are dropped,
 * so that they never burden the observed server. Nothing here keeps the process alive or delays its exit.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange } from '../exchange/exchange.ts';
import type { FindKey } from './key-sets.ts';
import { labRequest } from './lab-request.ts';
import type { PendingExchange } from './observation.ts';
import type { ReportAddress } from './report-file.ts';
import { toExchange } from './signatures.ts';

/** Short enough that arrows seem to appear at once. */
const BATCH_INTERVAL_MS = 20;

/** The limit of the `Report` schema. */
const MAX_BATCH_LENGTH = 100;
/** Beyond it, the oldest exchanges are dropped. */
const MAX_QUEUE_LENGTH = 300;

/** The lab's server reads 1 MiB. Only deliberately large requests come close. */
const MAX_REPORT_BYTES = 900_000;

export class ReportSender {
  /** By id: the report with the response replaces one that still waits. */
  readonly #queue = new Map<string, PendingExchange>();
  readonly #address: ReportAddress;
  readonly #findKey: FindKey;
  #isSending = false;

  constructor(address: ReportAddress, findKey: FindKey) {
    this.#address = address;
    this.#findKey = findKey;
  }

  add(exchange: PendingExchange): void {
    this.#queue.set(exchange.id, exchange);
    if (this.#queue.size > MAX_QUEUE_LENGTH) {
      const [oldest = ''] = this.#queue.keys();
      this.#queue.delete(oldest);
    }
    if (!this.#isSending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    while (this.#queue.size > 0) {
      // Also between two batches: under load, this limits the rate, and the queue drops the rest.
      await delay(BATCH_INTERVAL_MS, undefined, { ref: false });
      // A batch that can't be built or sent is dropped.
      await this.#send().catch(() => {});
    }
    this.#isSending = false;
  }

  async #send(): Promise<void> {
    // Wait for the address first: meanwhile, the latest exchanges are queued.
    const address = await this.#address.get();
    const batch = [...this.#queue.values()].slice(0, MAX_BATCH_LENGTH);
    for (const { id } of batch) this.#queue.delete(id);
    if (address === null) return;
    const exchanges = await Promise.all(batch.map((each) => toExchange(each, this.#findKey)));
    const body = toReport(exchanges);
    if (await post(address, body)) return;
    const next = await this.#address.replace(address);
    if (next !== null) await post(next, body);
  }
}

/** Drops exchanges beyond the limit. */
function toReport(exchanges: readonly Exchange[]): string {
  let size = 0;
  const texts = exchanges.map((each) => JSON.stringify(each));
  const fitting = texts.filter((text) => {
    size += Buffer.byteLength(text);
    return size <= MAX_REPORT_BYTES;
  });
  return `{"exchanges":[${fitting.join()}]}`;
}

/** @returns whether the lab's server accepted the report */
async function post({ url, secret }: { url: string; secret: string }, body: string): Promise<boolean> {
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    Authorization: `Bearer ${secret}`,
  };
  const response = await labRequest(url, { method: 'POST', headers, body });
  return response !== null && response.status >= 200 && response.status < 300;
}
