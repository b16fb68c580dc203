/** A list of a message's headers or a token's members, each with its value and its meaning. */
import type { ReactNode } from 'react';
import './ExplainedList.css';

interface Item {
  name: string;
  value: string;
  note: ReactNode;
}

export function ExplainedList({ items }: { items: readonly Item[] }) {
  return (
    <dl className="explained">
      {items.map(({ name, value, note }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a message don't change, and names repeat
        <div key={index}>
          <dt translate="no">{name}:</dt>
          <dd className="explained-value" translate="no">
            {value}
          </dd>
          {note && <dd className="explained-note">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
