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

const { status, stdout, stderr } = await administrate(process.argv.slice(2), process.env);
process.exitCode = status;
process.stdout.write(stdout);
process.stderr.write(stderr);
