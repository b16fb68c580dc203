/**
 * Step 5, as the person sees it: username and password, and what became of them. The password lives in its
 * field alone, in no state; whatever happens in the background leaves the form as it is.
 */
import type { Outcome } from '@samesite-sso/browser';
import { useSso } from '@samesite-sso/react';
import { type SubmitEvent, useEffect, useId, useRef, useState } from 'react';
import { useSecondsLeft } from '../use-seconds-left.ts';
import { PasswordField } from './PasswordField.tsx';
import { SignInFailure, secondsToWaitAfter } from './SignInFailure.tsx';
import './SignInForm.css';

const ENDED_WORDS = {
  here: 'You are signed out here and at the SSO service. Other apps follow as soon as you look at their tabs.',
  elsewhere: 'Your SSO session has ended. Sign in again to go on.',
};

export function SignInForm({ ended }: { ended: 'here' | 'elsewhere' | undefined }) {
  const { logIn } = useSso();
  const [failure, setFailure] = useState<Exclude<Outcome, { status: 'signed in' }> | null>(null);
  const [sending, setSending] = useState(false);
  const [waitUntil, setWaitUntil] = useState<number | null>(null);
  const secondsToWait = useSecondsLeft(waitUntil);
  // State is a render behind: a second submit can come before it.
  const underWay = useRef(false);
  const username = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const id = useId();

  useEffect(() => {
    // Whoever opens the page goes on here, unless they were quicker and are somewhere else.
    if (document.activeElement === document.body) username.current?.focus({ preventScroll: true });
  }, []);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (underWay.current || secondsToWait > 0) return;
    underWay.current = true;
    const sent = new FormData(event.currentTarget);
    setFailure(null);
    setSending(true);
    const outcome = await logIn(String(sent.get('username')), String(sent.get('password')));
    setSending(false);
    underWay.current = false;
    if (outcome.status === 'signed in') return;
    setFailure(outcome);
    if (outcome.status !== 'refused') return;
    setWaitUntil(Date.now() + secondsToWaitAfter(outcome) * 1000);
    password.current?.focus();
    password.current?.select();
  }

  return (
    <form className="card sign-in" onSubmit={submit} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Sign in</h2>
      {ended && (
        <p className="sign-in-ended" id={`${id}-ended`}>
          {ENDED_WORDS[ended]}
        </p>
      )}
      <div className="field">
        <label htmlFor={`${id}-username`}>Username</label>
        <input
          ref={username}
          data-landing
          id={`${id}-username`}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={1024}
          required
          aria-describedby={ended && `${id}-ended`}
        />
      </div>
      <PasswordField ref={password} id={`${id}-password`} describedBy={`${id}-failure`} concealed={sending} />
      <SignInFailure id={`${id}-failure`} failure={failure} secondsToWait={secondsToWait} />
      <button
        type="submit"
        className="button button-primary"
        disabled={secondsToWait > 0}
        aria-disabled={sending}
      >
        Sign in
      </button>
    </form>
  );
}
