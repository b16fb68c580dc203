/** Where the log goes: to standard output, line by line, for as long as that takes them. */

/**
 * Standard output, made safe to write to. A disk that fills up under it, or a reader that goes, costs lines and
 * nothing else: the logger's own way of writing would stop the process in a loop that never ends.
 */
export function logStream(): NodeJS.WritableStream {
  if (!process.stdout.listeners('error').includes(goOn)) process.stdout.on('error', goOn);
  return process.stdout;
}

function goOn(): void {}
