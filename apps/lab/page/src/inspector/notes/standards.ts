/** Names and addresses of the standards that define the headers. */

export interface Standard {
  /** Such as `RFC 9110, section 12.5.5`. */
  standard: string;
  /** Null for this project's own headers. */
  link: string | null;
}

export const rfc = (number: number, section: string): Standard => ({
  standard: `RFC ${number}, section ${section}`,
  link: `https://www.rfc-editor.org/rfc/rfc${number}#${sectionAnchor(section)}`,
});

const sectionAnchor = (section: string) => `${/^[A-Z]/.test(section) ? 'appendix' : 'section'}-${section}`;

export const rfc6265bis = (section: string): Standard => ({
  standard: `RFC 6265bis, section ${section}`,
  link: `https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-${section}`,
});

export const fetchStandard = (anchor: string): Standard => ({
  standard: 'Fetch standard',
  link: `https://fetch.spec.whatwg.org/#${anchor}`,
});

export const fetchMetadata = (header: string): Standard => ({
  standard: 'Fetch Metadata',
  link: `https://w3c.github.io/webappsec-fetch-metadata/#${header}-header`,
});

export const htmlStandard = (pageAndAnchor: string): Standard => ({
  standard: 'HTML standard',
  link: `https://html.spec.whatwg.org/multipage/${pageAndAnchor}`,
});

export const w3c = (standard: string, path: string): Standard => ({
  standard,
  link: `https://w3c.github.io/${path}`,
});

export const clientHints = (header: string): Standard => ({
  standard: 'User-Agent Client Hints',
  link: `https://wicg.github.io/ua-client-hints/#${header}`,
});

export const ownProtocol: Standard = { standard: 'this project’s own header', link: null };

export interface HeaderNote extends Standard {
  /** One sentence. */
  text: string;
  /** What certain values mean, instead of the text. */
  values?: Record<string, string>;
}
