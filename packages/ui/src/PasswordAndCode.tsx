/**
 * The fields for a password, and for a code once the service asks for one, with the failure of the form. What
 * is typed is kept only in its fields, never in React state.
 */
import { type RefObject, type SubmitEvent, useEffect, useRef, useState } from 'react';
import { CodeField } from './CodeField.tsx';
import { FormError, type FormFailure, useSubmission } from './FormError.tsx';
import { PasswordField } from './PasswordField.tsx';

export interface PasswordProof {
  password: string;
  /** Absent until the form asks for it. */
  code?: string;
}

type Field = RefObject<HTMLInputElement | null>;

/** @param needsCode whether the form asks for a code from the start */
export function usePasswordAndCode(needsCode = false) {
  const submission = useSubmission();
  const [isCodeNeeded, setCodeNeeded] = useState(needsCode);
  const password: Field = useRef(null);
  const code: Field = useRef(null);
  /** The field that the last failure is about, in a new object for each failure. */
  const [wrong, setWrong] = useState<{ field: Field } | null>(null);

  useEffect(() => {
    wrong?.field.current?.focus();
    wrong?.field.current?.select();
  }, [wrong]);

  /** @param send returns why the service refused it; null if it succeeded */
  async function submitForm(
    event: SubmitEvent<HTMLFormElement>,
    send: (proof: PasswordProof, username: string) => Promise<FormFailure | null>,
  ): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const read = (name: string) => form.get(name)?.toString() ?? '';
    const proof = { password: read('password'), ...(form.has('code') && { code: read('code') }) };
    const result = await submission.submit(() => send(proof, read('username')));
    if (result === null || result.isUnanswered) return;
    if (result.code !== undefined) setCodeNeeded(true);
    setWrong({ field: result.code === undefined ? password : code });
  }

  return { ...submission, isCodeNeeded, setCodeNeeded, password, code, submitForm };
}

interface Props {
  /** The beginning of the elements' ids. The failure has `${id}-error`. */
  id: string;
  state: ReturnType<typeof usePasswordAndCode>;
  /** Whose password it is, for password managers. Absent if the form has a field for it. */
  username?: string;
  /** The id of an element that describes the password, in addition to the failure. */
  describedBy?: string;
  onPasswordInput?: () => void;
}

export function PasswordAndCode({ id, state, username, describedBy = '', onPasswordInput }: Props) {
  const { failure, isPending, isCodeNeeded, password, code } = state;
  return (
    <>
      {username !== undefined && (
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      )}
      <PasswordField
        ref={password}
        id={`${id}-password`}
        name="password"
        label="Password"
        autoComplete="current-password"
        describedBy={`${describedBy} ${id}-error`}
        masked={isPending}
        onInput={onPasswordInput}
      />
      {isCodeNeeded && (
        <CodeField id={`${id}-code`} ref={code} error={failure?.code === 'wrong' ? failure.message : null} />
      )}
      <FormError id={`${id}-error`} failure={failure?.code === undefined ? failure : null} />
    </>
  );
}
