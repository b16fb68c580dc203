/** Actions that a Content-Security-Policy or a header forbids, tried from within the page. */

/** A page of Playwright or Puppeteer. */
interface PageToTryIn {
  evaluate<Result>(inPage: (url: string) => Result | Promise<Result>, url: string): Promise<Result>;
}

/** Adds an inline script and style and sends a forbidden request. @returns whether the script ran */
export function violatePolicy(page: PageToTryIn, elsewhere: string): Promise<boolean> {
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
