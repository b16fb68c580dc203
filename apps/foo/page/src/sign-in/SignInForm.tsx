/** Step 5, as the person sees it: the form, what it says before, and when a login comes to nothing. */

import { useSso } from '@samesite-sso/react';
import { SignInForm as Form } from '@samesite-sso/ui';
import { loginFailure } from './login-failure.ts';

export function SignInForm({ note }: { note: string | null }) {
  const { logIn } = useSso();
  return (
    <Form note={note} logIn={async (username, password) => loginFailure(await logIn(username, password))} />
  );
}
