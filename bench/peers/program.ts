/** The settings that every program in this folder reads, and its message that it is ready. */

export const port = Number(process.env['PORT']);
export const folder = process.env['FOLDER'] ?? '';

/** Called once the server listens. */
export function reportReady(): void {
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}
