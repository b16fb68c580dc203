/**
 * What the pages of this repository share: their masthead, their forms, how a length of time reads, and where the
 * focus goes. Style sheets without a component are imported by name. It knows neither the flow nor a server.
 */
export * from './duration.ts';
export * from './FormFailure.tsx';
export * from './Masthead.tsx';
export * from './PasswordField.tsx';
export * from './SignInForm.tsx';
export * from './use-kept-focus.ts';
export * from './use-seconds-left.ts';
export * from './use-sending.ts';
