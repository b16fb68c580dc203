/** What the three kinds of line mean. */
import './Legend.css';

export function Legend() {
  return (
    <p className="legend">
      <span>
        <i className="legend-line" aria-hidden="true" /> request
      </span>
      <span>
        <i className="legend-line legend-answer" aria-hidden="true" /> answer
      </span>
      <span>
        <i className="legend-line legend-introspection" aria-hidden="true" /> server to server, unseen by the
        page
      </span>
    </p>
  );
}
