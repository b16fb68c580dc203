/** A button for an action that takes time: shows that it is running, and runs it once at a time. */
import { type ReactNode, useState } from 'react';

interface Props {
  act: () => Promise<void>;
  isFocusTarget?: boolean;
  children: ReactNode;
}

export function ActionButton({ act, isFocusTarget, children }: Props) {
  const [isRunning, setRunning] = useState(false);

  async function run() {
    if (isRunning) return;
    setRunning(true);
    await act();
    setRunning(false);
  }

  return (
    <button
      type="button"
      className="button"
      data-focus-target={isFocusTarget}
      aria-disabled={isRunning}
      onClick={() => void run()}
    >
      {children}
    </button>
  );
}
