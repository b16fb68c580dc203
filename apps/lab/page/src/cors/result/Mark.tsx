/** A small icon for yes, no or partly, by shape as well as color. It always stands beside text. */
import './Mark.css';

const PATHS = {
  yes: <path d="m3 8.5 3.5 3.5L13 4.5" />,
  no: <path d="m4 4 8 8m0-8-8 8" />,
  partly: <path d="M3 6.5h10M3 10.5h10" />,
};

export function Mark({ kind }: { kind: 'yes' | 'no' | 'partly' }) {
  return (
    <svg className="mark" data-kind={kind} viewBox="0 0 16 16" aria-hidden="true">
      {PATHS[kind]}
    </svg>
  );
}
