/** In characters. The page names the minimum before anybody types, so it imports this file. */
export const PASSWORD_LENGTH = { shortest: 15, longest: 256 } as const;
