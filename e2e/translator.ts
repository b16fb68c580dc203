/**
 * Changes a page as page translation does: it replaces each text node by an element with the translation, at
 * once and again after each change. Here the translation is the text itself, so that stories can still read
 * the page.
 */
import type { Page } from '@playwright/test';

/** Lasts until the document does. */
export async function translate(page: Page): Promise<void> {
  await page.evaluate(() => {
    const replaceEveryText = () => {
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts: Text[] = [];
      while (walk.nextNode()) texts.push(walk.currentNode as Text);
      for (const text of texts) {
        if (text.parentElement?.localName === 'font') continue;
        const translation = document.createElement('font');
        translation.textContent = text.data;
        text.replaceWith(translation);
      }
    };
    replaceEveryText();
    new MutationObserver(replaceEveryText).observe(document.body, {
      characterData: true,
      childList: true,
      subtree: true,
    });
  });
}

/** The texts that a translator may change: those without `translate="no"`. */
export function translatableTexts(page: Page): Promise<string> {
  return page.evaluate(() => {
    const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    const texts: string[] = [];
    while (walk.nextNode()) {
      const { parentElement, nodeValue } = walk.currentNode;
      if (parentElement?.translate && parentElement.closest('script, style') === null)
        texts.push(nodeValue ?? '');
    }
    return texts.join('\n');
  });
}
