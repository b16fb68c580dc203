/** What came of a request. Takes the focus: the button or the form that had it is gone. */
import { type ReactNode, useEffect, useRef } from 'react';

export function Result({ children }: { children: ReactNode }) {
  const region = useRef<HTMLDivElement>(null);
  useEffect(() => region.current?.focus(), []);
  return (
    <div tabIndex={-1} ref={region}>
      {children}
    </div>
  );
}
