/** One SSO session, as its person would recognise it, and the apps that hang on it. */
import type { SessionOverview } from '../../../src/account-page/schemas.ts';
import { ActionButton } from '../ActionButton.tsx';
import { Moment } from './Moment.tsx';
import { exactMomentInWords } from './moment-in-words.ts';

interface Props {
  session: SessionOverview;
  /** Left out for this session: its end is to sign out. */
  end?: () => Promise<void>;
}

export function SessionCard({ session, end }: Props) {
  const { device, address, startedAt, lastSeenAt, endsAt, apps } = session;
  const started = exactMomentInWords(new Date(startedAt), new Date());

  return (
    <article className="card session">
      <div className="session-head">
        <h3>{device}</h3>
        {end && (
          <ActionButton act={end}>
            <span>End</span>
            <span className="for-screen-readers">
              {` the session ${device}, ${address ?? 'of an unknown address'}, started ${started}`}
            </span>
          </ActionButton>
        )}
      </div>
      <dl className="session-facts">
        <div>
          <dt>Address</dt>
          <dd>{address ?? 'Unknown'}</dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <Moment iso={startedAt} />
          </dd>
        </div>
        <div>
          <dt>Last seen</dt>
          <dd>{end ? <Moment iso={lastSeenAt} /> : 'now'}</dd>
        </div>
        <div>
          <dt>Ends at the latest</dt>
          <dd>
            <Moment iso={endsAt} />
          </dd>
        </div>
        <div className="session-apps">
          <dt>Apps</dt>
          {apps.length === 0 && <dd>None so far</dd>}
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
