/** Counts the round trips and the writing transactions of a request to the SSO service. */
import { tcpProxy } from '../test/support/tcp-proxy.ts';
import { stopAfterComparison } from './cleanup.ts';
import type { PostgresServer } from './postgres.ts';
import type { Product } from './product.ts';
import { type HttpRequest, send } from './requests.ts';
import { quartiles } from './statistics.ts';

/** An odd number, so that the median is a whole number. */
export const COUNTED_REQUESTS = 21;

export type DatabaseUse = { readonly roundTrips: number; readonly writes: number };

/**
 * Starts an instance of the service behind a proxy.
 *
 * @returns counts the round trips and the transactions that write: the median of several requests, one after
 *   the other, since few of them coincide with the service's background work
 */
export async function startCounting(product: Product, server: PostgresServer) {
  const proxy = await tcpProxy(product.database, stopAfterComparison);
  const { address } = await product.startInstance(proxy.url);
  const countOne = async (request: HttpRequest): Promise<DatabaseUse> => {
    const { roundTrips } = proxy;
    const writes = await server.countWrites();
    await send(address, request);
    return { roundTrips: proxy.roundTrips - roundTrips, writes: (await server.countWrites()) - writes };
  };
  return async (requests: readonly HttpRequest[]): Promise<DatabaseUse> => {
    const uses: DatabaseUse[] = [];
    for (const request of requests) uses.push(await countOne(request));
    return {
      roundTrips: quartiles(uses.map(({ roundTrips }) => roundTrips)).median,
      writes: quartiles(uses.map(({ writes }) => writes)).median,
    };
  };
}
