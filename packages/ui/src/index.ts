/**
 * What the pages of this repository share: their masthead, their forms, how a length of time reads, where the
 * focus goes, and what a page shows when it can't go on. Style sheets without a component are imported by
 * name. It knows neither the flow nor a server.
 */
export * from './CookiesBlocked.tsx';
export * from './duration.ts';
export * from './ErrorBoundary.tsx';
export * from './FormFailure.tsx';
export * from './Header.tsx';
export * from './PasswordField.tsx';
export * from './ReplacedNotice.tsx';
export * from './SignInForm.tsx';
export * from './use-kept-focus.ts';
export * from './use-seconds-left.ts';
export * from './use-sending.ts';
