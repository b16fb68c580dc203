/** Requests a public API without and with credentials. With them, `*` doesn't allow the page to read it. */
import * as v from 'valibot';
import { PublicResponse } from '../../../exchange/alternative-responses.ts';
import { paths } from '../../../exchange/paths.ts';
import { Mark } from '../cors/result/Mark.tsx';
import type { Settings } from '../settings.ts';
import { Demo } from './Demo.tsx';

interface Outcome {
  credentials: 'omit' | 'include';
  /** Null if the page can't read the response. */
  time: string | null;
  error: string | null;
}

async function fetchTime(url: string, credentials: Outcome['credentials']): Promise<Outcome> {
  let response: Response;
  try {
    response = await fetch(url, { credentials });
  } catch (error) {
    return { credentials, time: null, error: String(error) };
  }
  return { credentials, time: v.parse(PublicResponse, await response.json()).time, error: null };
}

export function PublicDemo({ settings: { crossSiteOrigin } }: { settings: Settings }) {
  const url = crossSiteOrigin + paths.public;
  const request = () => Promise.all([fetchTime(url, 'omit'), fetchTime(url, 'include')]);

  return (
    <Demo label="Send it without and with credentials" request={request}>
      {(outcomes) => (
        <div className="demo-columns columns">
          {outcomes.map(({ credentials, time, error }) => (
            <div className="box" key={credentials}>
              <h4 className="label">{credentials === 'omit' ? 'Without credentials' : 'With credentials'}</h4>
              <p>
                <code translate="no">{`fetch('${url}', { credentials: '${credentials}' })`}</code>
              </p>
              <p className="demo-answer" data-read={time !== null}>
                <Mark kind={time === null ? 'no' : 'yes'} />
                <span>
                  {time === null ? `Not readable: ${error}` : `Readable: ${JSON.stringify({ time })}`}
                </span>
              </p>
            </div>
          ))}
        </div>
      )}
    </Demo>
  );
}
