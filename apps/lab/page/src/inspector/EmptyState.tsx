/** Says how to start while there are no requests. */
import type { Settings } from '../settings.ts';
import './EmptyState.css';

export function EmptyState({ settings: { fooOrigin, loremOrigin } }: { settings: Settings }) {
  return (
    <div className="empty box">
      <h3>No requests yet</h3>
      <ol>
        <li>
          Open <AppLink name="Foo" origin={fooOrigin} /> in a window beside this one.
        </li>
        <li>Sign in there with one of the demo’s accounts. The README and the terminal name one.</li>
        <li>Watch here: each request becomes an arrow. Select an arrow to read its messages.</li>
        <li>
          Then open <AppLink name="Lorem" origin={loremOrigin} />, where you are already signed in. Sign out
          of either app.
        </li>
      </ol>
    </div>
  );
}

function AppLink({ name, origin }: { name: string; origin: string }) {
  return (
    <a href={origin} target="_blank" rel="noreferrer" translate="no">
      {name}
    </a>
  );
}
