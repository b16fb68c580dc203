/** Finds the note on a header. */
import type { Field } from '../../../../exchange/exchange.ts';
import { essentialNotes } from './essential-notes.ts';
import { otherNotes } from './other-notes.ts';
import type { HeaderNote } from './standards.ts';

/** Returns null for a header that this inspector doesn't know. Names are compared without case. */
export function findHeaderNote({ name, value }: Field): HeaderNote | null {
  const note = entryOf(essentialNotes, name.toLowerCase()) ?? entryOf(otherNotes, name.toLowerCase());
  const text = note?.values && entryOf(note.values, value);
  return note && text ? { ...note, text } : note;
}

/** Whether CORS, cookies or the sign-in depend on the header. The view collapses the others. */
export function isEssentialHeader(name: string): boolean {
  return Object.hasOwn(essentialNotes, name.toLowerCase());
}

/** Names and values come from messages, so `constructor` may be one. */
function entryOf<T>(entries: Record<string, T>, key: string): T | null {
  return Object.hasOwn(entries, key) ? (entries[key] ?? null) : null;
}
