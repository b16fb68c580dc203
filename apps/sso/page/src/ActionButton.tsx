/** A button that shows that what it does is under way, and does it once at a time. */
import { type ReactNode, useState } from 'react';

interface Props {
  act: () => Promise<void>;
  isLanding?: boolean;
  children: ReactNode;
}

export function ActionButton({ act, isLanding, children }: Props) {
  const [isUnderWay, setUnderWay] = useState(false);

  async function press() {
    if (isUnderWay) return;
    setUnderWay(true);
    await act();
    setUnderWay(false);
  }

  return (
    <button
      type="button"
      className="button"
      data-landing={isLanding}
      aria-disabled={isUnderWay}
      onClick={() => void press()}
    >
      {children}
    </button>
  );
}
