/** Whether this browser keeps cookies for this page: without them nobody can be signed in here. */

const PROBE = 'samesite-sso-probe';

export function areCookiesBlocked(): boolean {
  try {
    // Chromium says `true` here even where the person has blocked all cookies.
    if (navigator.cookieEnabled === false) return true;
    return isStorageDenied() && !keepsCookie();
  } catch {
    return false; // No browser, but something that stands for one in a test.
  }
}

/** Browsers that block cookies deny storage too, so that ordinary pages set no probe. */
function isStorageDenied(): boolean {
  try {
    return localStorage.length < 0; // Never: it throws, or it doesn't.
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
