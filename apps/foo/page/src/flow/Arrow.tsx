/**
 * An arrow between two of the three lifelines. Its line style shows its kind, its color whether it happened.
 */
import './Arrow.css';

interface Props {
  kind: 'request' | 'response' | 'introspection';
  /** Left: app and page. Right: page and SSO service. Across: app and SSO service. */
  side: 'left' | 'right' | 'across';
  points: 'left' | 'right';
  isLit: boolean;
  isMoving?: boolean;
}

export function Arrow({ kind, side, points, isLit, isMoving = false }: Props) {
  return (
    <span
      className={`arrow arrow-${kind}`}
      data-side={side}
      data-points={points}
      data-lit={isLit}
      data-moving={isMoving}
      aria-hidden="true"
    />
  );
}
