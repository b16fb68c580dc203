/**
 * What the pages of this repository share: header, forms, notices, formatting and focus. Style sheets without
 * a component are imported by name. Nothing here depends on the flow or a server.
 */

export * from './AccountChangedNotice.tsx';
export * from './CodeField.tsx';
export * from './CookiesBlocked.tsx';
export * from './duration.ts';
export * from './ErrorBoundary.tsx';
export * from './FormError.tsx';
export * from './Header.tsx';
export * from './PasskeyButton.tsx';
export * from './PasswordAndCode.tsx';
export * from './PasswordField.tsx';
export * from './SignInForm.tsx';
export * from './use-restored-focus.ts';
