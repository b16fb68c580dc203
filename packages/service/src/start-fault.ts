/** Why a process refuses to start: one line for each fault, for the person who starts it. */
export class StartFault extends Error {
  readonly faults: readonly string[];

  constructor(faults: string | readonly string[]) {
    const lines = typeof faults === 'string' ? [faults] : faults;
    super(lines.join('\n'));
    this.name = 'StartFault';
    this.faults = lines;
  }
}
