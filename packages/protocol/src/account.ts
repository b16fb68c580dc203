/** The person who can log in, as every part of the system sees them: never a hash, never a secret. */
import { type Static, Type } from 'typebox';

export const Account = Type.Object(
  {
    /** Never changes and is never given to another person; what apps store. */
    id: Type.String({ minLength: 1, maxLength: 64 }),
    /** What the person types to log in. */
    username: Type.String({ minLength: 1, maxLength: 254 }),
    /** What the person is called on screen. */
    displayName: Type.String({ minLength: 1, maxLength: 128 }),
  },
  { additionalProperties: false },
);
export type Account = Static<typeof Account>;

export const SignedIn = Type.Object(
  { status: Type.Literal('signed in'), account: Account },
  { additionalProperties: false },
);
export type SignedIn = Static<typeof SignedIn>;

export const SignedOut = Type.Object({ status: Type.Literal('signed out') }, { additionalProperties: false });
export type SignedOut = Static<typeof SignedOut>;
