/** The page's icon, beside its name. */

export function AccountIcon() {
  return (
    <svg className="account-icon" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="12.5" r="4.5" />
      <path d="M7.5 25c1-4.5 4.3-6.5 8.5-6.5s7.5 2 8.5 6.5" />
    </svg>
  );
}
