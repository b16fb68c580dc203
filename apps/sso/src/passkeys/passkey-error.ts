/** Why a ceremony is refused, for the log: every refusal gets the same response. */
export class PasskeyError extends Error {}
