/** A Vite plugin that preloads what a page's entry imports dynamically. */
import { dirname } from 'node:path';
import type { HtmlTagDescriptor, Plugin } from 'vite';

/**
 * Otherwise the browser would request the imports only after running the entry, a round trip later. Modules
 * that the entry's packages import aren't preloaded: most people never need the one for passkeys.
 */
export function preloadPage(): Plugin {
  return {
    name: 'preload-page',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle, chunk, filename }) {
        const pageFolder = `${dirname(filename)}/`;
        return (chunk?.dynamicImports ?? []).flatMap((name): HtmlTagDescriptor[] => {
          const imported = bundle?.[name];
          if (imported?.type !== 'chunk' || !imported.facadeModuleId?.startsWith(pageFolder)) return [];
          const styles = [...(imported.viteMetadata?.importedCss ?? [])];
          return [
            linkTo(name, { rel: 'modulepreload' }),
            ...styles.map((style) => linkTo(style, { rel: 'preload', as: 'style' })),
          ];
        });
      },
    },
  };
}

function linkTo(fileName: string, attrs: Record<string, string>): HtmlTagDescriptor {
  return { tag: 'link', attrs: { ...attrs, crossorigin: true, href: `/${fileName}` }, injectTo: 'head' };
}
