/** The meaning of the line styles. */
import './Legend.css';

export function Legend() {
  return (
    <p className="legend">
      <span>
        <i className="legend-line" aria-hidden="true" /> request
      </span>
      <span>
        <i className="legend-line legend-response" aria-hidden="true" /> response
      </span>
      <span>
        <i className="legend-line legend-introspection" aria-hidden="true" /> server to server, invisible to
        the page
      </span>
    </p>
  );
}
