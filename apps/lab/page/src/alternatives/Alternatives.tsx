/** The alternatives to a CORS policy with credentials: what each can and can't do, and a live demo. */
import type { ReactNode } from 'react';
import { type Alternative, alternatives } from '../../../experiments/alternatives.ts';
import type { Settings } from '../settings.ts';
import { JsonpDemo } from './JsonpDemo.tsx';
import { ProxyDemo } from './ProxyDemo.tsx';
import { PublicDemo } from './PublicDemo.tsx';
import { WithoutChecksDemo } from './WithoutChecksDemo.tsx';
import './Alternatives.css';

const DEMOS: Record<Alternative['id'], (props: { settings: Settings }) => ReactNode> = {
  proxy: ProxyDemo,
  jsonp: JsonpDemo,
  'without-checks': WithoutChecksDemo,
  public: PublicDemo,
};

export function Alternatives({ settings }: { settings: Settings }) {
  return (
    <div className="alternatives stack">
      <h2>Four alternatives to CORS with credentials</h2>
      {alternatives.map((alternative) => (
        <Card key={alternative.id} alternative={alternative} settings={settings} />
      ))}
    </div>
  );
}

function Card({ alternative, settings }: { alternative: Alternative; settings: Settings }) {
  const { id, title, text, can, cannot, rightWhen } = alternative;
  const Demo = DEMOS[id];
  return (
    <section className="card alternative stack" id={id} aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{title}</h3>
      <p className="alternative-text">{text}</p>
      <div className="columns">
        <Facts title="It can" facts={can} />
        <Facts title="It can’t" facts={cannot} />
        <div>
          <h4 className="label">When to use it</h4>
          <p>{rightWhen}</p>
        </div>
      </div>
      <div className="alternative-demo stack">
        <Demo settings={settings} />
      </div>
    </section>
  );
}

function Facts({ title, facts }: { title: string; facts: readonly string[] }) {
  return (
    <div>
      <h4 className="label">{title}</h4>
      <ul>
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </div>
  );
}
