/** A curl command, since curl has no CORS checks, and a recorded run of a browser without them. */
import * as v from 'valibot';
import { paths } from '../../../exchange/paths.ts';
import { curlCommand } from '../../../experiments/curl-command.ts';
import { get } from '../../../experiments/right-policy.ts';
import recordedRun from '../../../experiments/without-checks.json' with { type: 'json' };
import { Command } from '../cors/Command.tsx';
import type { Settings } from '../settings.ts';
import { Recording } from './Recording.tsx';
import { RecordedRun } from './recorded-run.ts';

export function WithoutChecksDemo({ settings: { sameSiteOrigin } }: { settings: Settings }) {
  const command = curlCommand(get, sameSiteOrigin + paths.status, 'https://www.example.com');

  return (
    <>
      <p>This command sends the Origin of a page of another site. curl prints the response all the same:</p>
      <Command text={command} />
      <Recording run={v.parse(RecordedRun, recordedRun)} />
    </>
  );
}
