/**
 * What a page shows in place of everything once it can't go on. React gives up on a tree whose elements
 * something else has taken away, as extensions do, and would leave the page blank.
 */
import { Component, type ReactNode } from 'react';
import './trouble.css';

interface Props {
  children: ReactNode;
}

// React has no function component that catches errors.
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
            Most likely something else in this browser changed the page: an extension, or a translation of the
            page. Your sessions are as they were. Reload the page to go on; if it happens again, switch the
            extension or the translation off for this site.
          </p>
        </div>
        <button type="button" className="button" onClick={() => location.reload()}>
          Reload
        </button>
      </section>
    </main>
  );
}
