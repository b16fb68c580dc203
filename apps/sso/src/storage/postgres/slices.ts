/** The maximum number of rows of one slice: see `../stores.ts`. */
export const SLICE_ROWS = 250;
