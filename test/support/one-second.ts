/** "Within a second", beside other tests on a busy machine. What it excludes would take five or more. */
export const ONE_SECOND_WHEN_BUSY_MS = 2500;
