/** Detects whether the browser blocks this page's cookies, without which nobody can sign in. */

const PROBE_NAME = 'samesite-sso-probe';

export function areCookiesBlocked(): boolean {
  try {
    // Chromium says `true` even if the person has blocked all cookies.
    if (navigator.cookieEnabled === false) return true;
    return isStorageDenied() && !canSetCookie();
  } catch {
    return false; // Test environments lack these APIs.
  }
}

/** Browsers that block cookies deny storage too, so only pages without storage set a probe cookie. */
function isStorageDenied(): boolean {
  try {
    return localStorage.length < 0; // Always false, unless it throws.
  } catch (error) {
    return error instanceof DOMException;
  }
}

function canSetCookie(): boolean {
  // biome-ignore-start lint/suspicious/noDocumentCookie: Cookie Store is asynchronous and not everywhere
  document.cookie = `${PROBE_NAME}=1; SameSite=Strict`;
  const isKept = document.cookie.includes(`${PROBE_NAME}=1`);
  document.cookie = `${PROBE_NAME}=; Max-Age=0`;
  // biome-ignore-end lint/suspicious/noDocumentCookie: as above
  return isKept;
}
