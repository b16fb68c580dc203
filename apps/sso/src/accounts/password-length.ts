/** How long a password must be, in characters: for the rules, and for the page that says so beforehand. */
export const PASSWORD_LENGTH = { shortest: 15, longest: 256 } as const;
