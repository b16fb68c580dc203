/** Administration from the command line, beside the running service: see `administration/commands.ts`. */
import { administrate } from './administration/program.ts';

// Whoever reads may stop before the end, as `head` does; a disk that is full is a failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    process.exitCode = 1;
    if (stream === process.stdout) process.stderr.write(`standard output: ${message}\n`);
  });
}

/** Waits until the text is written, so that a long list is read no faster than its output is consumed. */
const print = (text: string) =>
  new Promise<boolean>((resolve) => process.stdout.write(text, (error) => resolve(!error)));

const { status, stderr } = await administrate(process.argv.slice(2), process.env, print);
if (status !== 0) process.exitCode = status; // A write error may have set it already.
process.stderr.write(stderr);
