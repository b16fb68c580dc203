#!/usr/bin/env node
/** The command line `samesite-sso` as a process: see `administration/program.ts`. */
import { runCommandLine } from './administration/program.ts';

// A reader such as `head` may stop early, which isn't a failure. A full disk is.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    process.exitCode = 1;
    if (stream === process.stdout) process.stderr.write(`error: standard output: ${message}\n`);
  });
}

/** Waits until the text is written, so that a long list is read no faster than its output is consumed. */
const print = (text: string) =>
  new Promise<boolean>((resolve) => process.stdout.write(text, (error) => resolve(!error)));

const { status, stderr } = await runCommandLine(process.argv.slice(2), process.env, print);
if (status !== 0) process.exitCode = status; // A write error may have set it already.
process.stderr.write(stderr);
