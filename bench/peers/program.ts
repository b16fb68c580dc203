/** What every program in this folder reads and does. */

export const port = Number(process.env['PORT']);
export const folder = process.env['FOLDER'] ?? '';

/** Called once the server listens. */
export function sayReady(): void {
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}
