/**
 * Replaces the page after an error in rendering. When an extension removes elements that React manages, React
 * unmounts the tree, which would leave the page blank.
 */
import { Component, type ReactNode } from 'react';
import './alert.css';

// Only class components can catch errors in React.
export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className="failed-page">
        <section className="alert">
          <div role="alert">
            <h1 className="alert-title">This page stopped working.</h1>
            <p>
              A browser extension or a translation tool has probably changed it. You are still signed in.
              Reload the page to continue. If this happens again, turn the extension or the translation off
              for this site.
            </p>
          </div>
          <button type="button" className="button" onClick={() => location.reload()}>
            Reload
          </button>
        </section>
      </main>
    );
  }
}
