/** The lab's three views. Each is its own document and loads only its own code. */
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { Settings } from './settings.ts';

interface View {
  path: string;
  name: string;
  intro: string;
  Content: LazyExoticComponent<ComponentType<{ settings: Settings }>>;
}

const inspector: View = {
  path: '/',
  name: 'Inspector',
  intro:
    'Watch a sign-in as it happens: the requests that the demo’s servers receive and send, and their ' +
    'responses, without the secrets.',
  Content: lazy(async () => ({ default: (await import('./inspector/Inspector.tsx')).Inspector })),
};

export const views: readonly View[] = [
  inspector,
  {
    path: '/cors',
    name: 'CORS lab',
    intro:
      'Try wrong CORS policies in your own browser. See what it sends, what the server executes, and what ' +
      'the page can read.',
    Content: lazy(async () => ({ default: (await import('./cors/CorsLab.tsx')).CorsLab })),
  },
  {
    path: '/alternatives',
    name: 'Alternatives to CORS',
    intro: 'Four other ways to reach another origin, and live demos of what each can and can’t do.',
    Content: lazy(async () => ({
      default: (await import('./alternatives/Alternatives.tsx')).Alternatives,
    })),
  },
];

/** The view of this document. */
export const currentView = views.find(({ path }) => path === location.pathname) ?? inspector;
