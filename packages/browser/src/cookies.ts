/** Detects whether the browser keeps cookies for this page. Without them, nobody can sign in here. */

const PROBE = 'samesite-sso-probe';

export function areCookiesBlocked(): boolean {
  try {
    // Chromium says `true` here even where the person has blocked all cookies.
    if (navigator.cookieEnabled === false) return true;
    return isStorageDenied() && !keepsCookie();
  } catch {
    return false; // A test environment that lacks these APIs.
  }
}

/** Browsers that block cookies deny storage too, so only pages without storage set a probe cookie. */
function isStorageDenied(): boolean {
  try {
    return localStorage.length < 0; // Always false. What counts is whether it throws.
  } catch (error) {
    return error instanceof DOMException;
  }
}

function keepsCookie(): boolean {
  // biome-ignore-start lint/suspicious/noDocumentCookie: Cookie Store answers too late, and not everywhere
  document.cookie = `${PROBE}=1; SameSite=Strict`;
  const isKept = document.cookie.includes(`${PROBE}=1`);
  document.cookie = `${PROBE}=; Max-Age=0`;
  // biome-ignore-end lint/suspicious/noDocumentCookie: as above
  return isKept;
}
