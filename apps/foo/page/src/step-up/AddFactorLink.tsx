/** Leads to the account page, the only place where a person can add a factor. */
export function AddFactorLink({ ssoOrigin }: { ssoOrigin: string }) {
  return (
    <a className="account-link" href={`${ssoOrigin}/`}>
      Add a passkey or an authenticator app
    </a>
  );
}
