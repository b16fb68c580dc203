/**
 * The reporter of the lab's inspector. The demo preloads it into each server with `node --import`. It reports
 * to the lab what the server receives and sends, without secrets. It listens on documented
 * diagnostics channels, so the servers contain no code for it.
 */
import { ConfigError } from '@samesite-sso/core';
import { createKeyFinder } from './key-sets.ts';
import type { Observer } from './observation.ts';
import { observeReceived } from './received-requests.ts';
import { ReportAddress } from './report-file.ts';
import { ReportSender } from './report-sender.ts';
import { loadReporterConfig, type ReporterConfig } from './reporter-config.ts';
import { observeSent } from './sent-requests.ts';

try {
  startReporter(loadReporterConfig(process.env));
} catch (error) {
  const errors = error instanceof ConfigError ? error.errors : [(error as Error).message];
  process.stderr.write(`the lab's reporter can't start: ${errors.join('; ')}\n`);
  process.exit(1);
}

function startReporter({ process: reporter, reportFile, keySets }: ReporterConfig): void {
  const sender = new ReportSender(new ReportAddress(reportFile), createKeyFinder(keySets));
  const observer: Observer = {
    reporter,
    origins: new Set(keySets.keys()),
    report: (exchange) => sender.add(exchange),
  };
  observeReceived(observer);
  observeSent(observer);
}
