/** Explains what is hidden in a message, and why. The reporters hide it in their own process. Pure. */
import { fieldValue, HIDDEN, type Message } from './message-fields.ts';

/** Members of bodies that are hidden entirely: even a part of one would help an attacker. */
const SECRETS: Record<string, string> = {
  password:
    'The password is hidden entirely, and so is the message’s length, which would reveal the password’s.',
  oldPassword: 'The old password is hidden entirely.',
  newPassword: 'The new password is hidden entirely.',
  code: 'The code is hidden entirely: it is so short that a part would make the rest easy to guess.',
  secret: 'The secret is hidden entirely.',
};

/** Returns sentences; an empty list if nothing is hidden. */
export function explainSecrets(message: Message): string[] {
  const { body, tokens } = message;
  const secrets = Object.entries(SECRETS).filter(([member]) => isMemberHidden(body, member));
  const isOtherHidden = body !== null && body.split(HIDDEN).length - 1 > secrets.length;
  return [
    ...secrets.map(([, sentence]) => sentence),
    ...(body === HIDDEN ? ['The body is neither JSON nor a form, so it isn’t shown.'] : []),
    ...(isOtherHidden && body !== HIDDEN
      ? ['Members that aren’t part of the protocol, or that could identify a person’s device, are hidden.']
      : []),
    ...(hasCookieValue(message)
      ? [
          'Of a session cookie, only six characters are shown, enough to tell two apart. Anyone with the ' +
            'whole value would be signed in.',
        ]
      : []),
    ...(tokens.length > 0
      ? ['Of a token, the content is shown but not its signature, without which nobody can use the token.']
      : []),
    ...(fieldValue(message, 'authorization') === null
      ? []
      : ['The credentials in Authorization are hidden.']),
  ];
}

function isMemberHidden(body: string | null, member: string): boolean {
  return body !== null && (body.includes(`"${member}":"${HIDDEN}"`) || body.includes(`${member}=${HIDDEN}`));
}

/** A cookie that is deleted has no value to hide. */
function hasCookieValue({ fields }: Message): boolean {
  return fields.some(({ name, value }) => /^(set-)?cookie$/i.test(name) && /^[^;]*=[^;]/.test(value));
}
