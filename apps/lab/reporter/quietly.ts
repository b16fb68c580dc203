/** Runs the reporter's work inside a request of the server that it observes. */

/** Drops every error: a request must not fail because it can't be shown. */
export function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // The inspector misses a message.
  }
}
