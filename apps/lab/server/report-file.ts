/** The file that tells the reporters where to report to, and with which secret. */
import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { ReportFile } from '../exchange/exchange.ts';
import { paths } from '../exchange/paths.ts';
import type { Config } from './config.ts';

/**
 * Writes the file only once the server listens: if the port is taken, the file may be another lab's. Removes
 * the file before the server releases the port, so that no other program receives reports there.
 *
 * @param onError called if the file can't be written: Fastify logs an `onListen` error and goes on listening
 */
export function keepReportFile(
  server: FastifyInstance,
  { reportFile, reportUrl, tls }: Pick<Config, 'reportFile' | 'reportUrl' | 'tls'>,
  secret: string,
  onError: (error: Error) => void,
): void {
  let isWritten = false;
  server.addHook('onListen', async () => {
    const { port } = server.server.address() as AddressInfo;
    const ownUrl = `${tls ? 'https' : 'http'}://127.0.0.1:${port}${paths.reports}`;
    try {
      writeReportFile(reportFile, { url: reportUrl ?? ownUrl, secret });
      isWritten = true;
    } catch (error) {
      onError(error as Error);
    }
  });
  server.addHook('preClose', async () => {
    if (isWritten) rmSync(reportFile, { force: true });
  });
}

/** Replaces the file atomically. Only its owner can open it at any time. */
export function writeReportFile(file: string, content: ReportFile): void {
  const temporary = `${file}.${randomUUID()}`;
  try {
    writeFileSync(temporary, `${JSON.stringify(content)}\n`, { flag: 'wx', mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
