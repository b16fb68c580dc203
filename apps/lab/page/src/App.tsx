/** The frame of the lab's views: name, purpose and navigation. */
import { Header } from '@samesite-sso/ui';
import { Suspense } from 'react';
import type { Settings } from './settings.ts';
import { currentView, views } from './views.ts';
import './shared.css';
import './App.css';

export function App({ settings }: { settings: Settings }) {
  const { Content, intro } = currentView;

  return (
    <div className="lab stack">
      <div className="lab-top stack">
        <Header name="Lab" icon={<LabIcon />}>
          {intro}
        </Header>
        <nav className="lab-views" aria-label="Views">
          {views.map(({ path, name }) => (
            <a key={path} href={path} aria-current={path === currentView.path ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </div>
      <main className="lab-view">
        <Suspense fallback={<p className="delayed">Loading …</p>}>
          <Content settings={settings} />
        </Suspense>
      </main>
    </div>
  );
}

function LabIcon() {
  return (
    <svg className="lab-icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M6 2h4M7 2v4L3.6 12.2a1 1 0 0 0 .9 1.5h7a1 1 0 0 0 .9-1.5L9 6V2M5.2 9.8h5.6" />
    </svg>
  );
}
