/**
 * Replaces the whole page after an error in rendering. When an extension removes elements that React manages,
 * React unmounts the tree, which would leave the page blank.
 */
import { Component, type ReactNode } from 'react';
import './trouble.css';

interface Props {
  children: ReactNode;
}

// In React only a class component can catch errors.
export class ErrorBoundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? <FailedPage /> : this.props.children;
  }
}

function FailedPage() {
  return (
    <main className="failed-page">
      <section className="trouble">
        <div role="alert">
          <h1 className="trouble-words">This page stopped working.</h1>
          <p>
            Most likely an extension, or a translation of the page, has changed it. You are still signed in
            wherever you were. Reload the page to continue. If it happens again, turn the extension or the
            translation off for this site.
          </p>
        </div>
        <button type="button" className="button" onClick={() => location.reload()}>
          Reload
        </button>
      </section>
    </main>
  );
}
