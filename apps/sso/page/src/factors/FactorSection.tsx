/** One way to sign in, with its state. */
import { type ReactNode, useId } from 'react';

interface Props {
  name: string;
  /** Whether the person has it, and enough of it. */
  isOn: boolean;
  /** Default: `On` or `Off`. */
  status?: string;
  children: ReactNode;
}

export function FactorSection({ name, isOn, status = isOn ? 'On' : 'Off', children }: Props) {
  const id = useId();
  return (
    <section className="factor" aria-labelledby={id}>
      <div className="factor-head">
        <h3 id={id} tabIndex={-1} data-focus-target>
          {name}
        </h3>
        <span className="factor-status" data-on={isOn}>
          {status}
        </span>
      </div>
      {children}
    </section>
  );
}
