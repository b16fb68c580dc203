/** The person's SSO sessions: this browser's, and others, which can be ended here. */
import { useRestoredFocus } from '@samesite-sso/ui';
import { useId, useRef } from 'react';
import type { SessionOverview } from '../../../src/account-page/schemas.ts';
import { ActionButton } from '../ActionButton.tsx';
import { SessionCard } from './SessionCard.tsx';
import './Sessions.css';

interface Props {
  sessions: readonly SessionOverview[];
  /** The number of all sessions; `sessions` has those used most recently. */
  sessionCount: number;
  /** A message about the last action. */
  done: string | null;
  endSession: (session: SessionOverview) => Promise<void>;
  endOthers: () => Promise<void>;
}

export function Sessions({ sessions, sessionCount, done, endSession, endOthers }: Props) {
  const id = useId();
  const region = useRef<HTMLDivElement>(null);
  useRestoredFocus(region);
  const own = sessions.filter(({ isThis }) => isThis);
  const others = sessions.filter(({ isThis }) => !isThis);

  return (
    <div className="sessions" ref={region}>
      <section aria-labelledby={`${id}-this`}>
        <h2 id={`${id}-this`}>This session</h2>
        {own.map((session) => (
          <SessionCard key={session.sid} session={session} />
        ))}
      </section>
      <section aria-labelledby={`${id}-others`}>
        <div className="sessions-head">
          <h2 id={`${id}-others`} tabIndex={-1} data-focus-target>
            Other sessions
          </h2>
          {others.length > 0 && <ActionButton act={endOthers}>End all others</ActionButton>}
        </div>
        <p className="sessions-done" role="status">
          {done}
        </p>
        {sessionCount > sessions.length && (
          <p className="sessions-note">
            {`You have ${sessionCount} sessions. The ${sessions.length} used most recently are shown here; ` +
              '“End all others” also ends the rest.'}
          </p>
        )}
        {others.length === 0 ? (
          <p className="sessions-note">You aren’t signed in anywhere else.</p>
        ) : (
          <ul className="sessions-list">
            {others.map((session) => (
              <li key={session.sid}>
                <SessionCard session={session} end={() => endSession(session)} />
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
