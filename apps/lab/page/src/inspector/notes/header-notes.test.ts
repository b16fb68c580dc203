import { describe, expect, it } from 'vitest';
import { essentialNotes } from './essential-notes.ts';
import { findHeaderNote, isEssentialHeader } from './header-notes.ts';
import { otherNotes } from './other-notes.ts';

const all = Object.entries({ ...essentialNotes, ...otherNotes });

describe('the note on a header', () => {
  it('is found by name in any case, and null for an unknown name', () => {
    expect(findHeaderNote({ name: 'Vary', value: 'Origin' })?.standard).toBe('RFC 9110, section 12.5.5');
    expect(findHeaderNote({ name: 'constructor', value: '' })).toBeNull();
    expect(isEssentialHeader('SET-COOKIE')).toBe(true);
    expect(isEssentialHeader('Host')).toBe(false);
    expect(isEssentialHeader('constructor')).toBe(false);
  });

  it('says what the value means, where it is known', () => {
    const noteOn = (value: string) => findHeaderNote({ name: 'Sec-Fetch-Site', value })?.text;
    expect(noteOn('same-site')).toMatch(/another origin of the same site/);
    expect(noteOn('constructor')).toMatch(/^How the page’s origin relates/);
  });

  it('has a name in lower case, one sentence, and the address of its standard', () => {
    for (const [name, { text, values = {}, standard, link }] of all) {
      expect(name).toBe(name.toLowerCase());
      for (const sentence of [text, ...Object.values(values)])
        expect(sentence, name).toMatch(/^[A-Z“][^.?!]*\.$/);
      expect(link === null || URL.parse(link)?.protocol === 'https:', name).toBe(true);
      expect(standard, name).not.toBe('');
    }
  });

  it('is in only one of the two files', () => {
    expect(Object.keys(essentialNotes).filter((name) => Object.hasOwn(otherNotes, name))).toEqual([]);
  });

  it('links to an appendix where the section is one', () => {
    expect(otherNotes['keep-alive']?.link).toBe('https://www.rfc-editor.org/rfc/rfc9112#appendix-C.2.2');
  });
});
