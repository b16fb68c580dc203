/** What a page's Content-Security-Policy and a server's headers are to forbid, tried from within a page. */

/** A page in whichever browser. */
interface PageToTryIn {
  evaluate<Result>(inPage: (url: string) => Result | Promise<Result>, url: string): Promise<Result>;
}

/** An inline script, an inline style, and a request to where the page has no business. @returns whether the script ran */
export function breakTheRules(page: PageToTryIn, elsewhere: string): Promise<boolean> {
  return page.evaluate(async (url) => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.wasInjected = true';
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.head.append(script, style);
    await fetch(url).catch(() => {});
    return 'wasInjected' in globalThis;
  }, elsewhere);
}

export function frame(page: PageToTryIn, framed: string): Promise<void> {
  return page.evaluate((url) => {
    const element = document.createElement('iframe');
    element.src = url;
    document.body.append(element);
  }, framed);
}
