/** How long the command line holds the lock at a time. Only the service's writes wait for it. */
export const LONG_SLICE_MS = 40;
/** The pause after a long slice: longer than the 10 ms after which the service retries the lock. */
export const REST_MS = 20;
