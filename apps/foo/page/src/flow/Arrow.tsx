/** An arrow between two of the three lifelines: its style says what it is, its color whether it happened. */
import './Arrow.css';

interface Props {
  kind: 'request' | 'answer' | 'introspection';
  /** App and page, page and SSO service, or app and SSO service. */
  side: 'left' | 'right' | 'across';
  points: 'left' | 'right';
  lit: boolean;
  /** Whether it is under way just now. */
  moving?: boolean;
}

export function Arrow({ kind, side, points, lit, moving = false }: Props) {
  return (
    <span
      className={`arrow arrow-${kind}`}
      data-side={side}
      data-points={points}
      data-lit={lit}
      data-moving={moving}
      aria-hidden="true"
    />
  );
}
