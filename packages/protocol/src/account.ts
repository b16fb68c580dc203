/** An account as all parts of the system exchange it, without any secret. */
import { type Static, Type } from 'typebox';

export const Account = Type.Object(
  {
    /** Never changes and is never reused, so apps can store it. */
    id: Type.String({ minLength: 1, maxLength: 64 }),
    /** What the person types to sign in. */
    username: Type.String({ minLength: 1, maxLength: 254 }),
    /** The person's name on screen. */
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
