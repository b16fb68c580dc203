/**
 * What page translation does to a page: each text node goes and an element with its translation comes, at
 * once and again after each change. Here the translation is the text itself, so that stories go on reading
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

/** The texts of a page that its translator may change: none is marked `translate="no"`. */
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
