/** One SSO session, in terms that its person recognizes, and the apps that it signed in to. */
import type { ReactNode } from 'react';
import type { SessionOverview } from '../../../src/account-page/schemas.ts';
import { ActionButton } from '../ActionButton.tsx';
import { formatTime } from './format-time.ts';
import { Timestamp } from './Timestamp.tsx';

interface Props {
  session: SessionOverview;
  /** Absent for this browser's session, which ends by signing out. */
  end?: () => Promise<void>;
}

export function SessionCard({ session, end }: Props) {
  const { device, address, startedAt, lastSeenAt, endsAt, apps } = session;
  const started = formatTime(new Date(startedAt), new Date(), 'medium');

  return (
    <article className="card session">
      <div className="session-head">
        <h3>{device}</h3>
        {end && (
          <ActionButton act={end}>
            <span>End</span>
            <span className="for-screen-readers">
              {` the session ${device}, ${address ?? 'unknown address'}, started ${started}`}
            </span>
          </ActionButton>
        )}
      </div>
      <dl className="session-facts">
        <Fact name="Address">{address ?? 'Unknown'}</Fact>
        <Fact name="Started">
          <Timestamp iso={startedAt} />
        </Fact>
        <Fact name="Last seen">{end ? <Timestamp iso={lastSeenAt} /> : 'now'}</Fact>
        <Fact name="Ends no later than">
          <Timestamp iso={endsAt} />
        </Fact>
        <div className="session-apps">
          <dt>Apps</dt>
          {apps.length === 0 && <dd>None yet</dd>}
          {apps.map(({ origin, name }) => (
            <dd key={origin}>
              <a href={origin} translate="no">
                {name}
              </a>
            </dd>
          ))}
        </div>
      </dl>
    </article>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
