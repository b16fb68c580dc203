/**
 * Whether PostgreSQL can store a text from a client unchanged. It refuses the NUL character. Encoding as
 * UTF-8 replaces lone surrogates, which would make different texts equal. So no row contains such a text.
 */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/**
 * Replaces what PostgreSQL can't store, in texts that nothing is looked up by, such as a `User-Agent`. Check
 * other texts with {@link isStorableText}.
 */
export function toStorableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
