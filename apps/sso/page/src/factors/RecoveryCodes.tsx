/** Recovery codes, which are shown only once: when they are created. */
import { useEffect, useId, useRef } from 'react';
import { CopyButton } from './CopyButton.tsx';

interface Props {
  codes: readonly string[];
  username: string;
  /** Called when the person has saved them. */
  onSaved: () => void;
}

export function RecoveryCodes({ codes, username, onSaved }: Props) {
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const text = codes.join('\n');

  useEffect(() => heading.current?.focus(), []);

  function download() {
    const title = `Recovery codes of ${username} at ${location.host}. Each works once.`;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${title}\n\n${text}\n`], { type: 'text/plain' }));
    link.download = `recovery-codes-${location.hostname}.txt`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  return (
    <section className="recovery-codes" aria-labelledby={`${id}-title`}>
      <h4 id={`${id}-title`} ref={heading} tabIndex={-1}>
        Save your recovery codes now
      </h4>
      <p>
        If you lose your phone, each of them signs you in once, in place of a code. Print them or keep them in
        a password manager. They won’t be shown again.
      </p>
      <ol className="recovery-codes-list" translate="no">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="factor-buttons">
        <button type="button" className="button" onClick={download}>
          Download
        </button>
        <CopyButton text={text} what="the recovery codes" />
        <button type="button" className="button button-primary" onClick={onSaved}>
          I have saved them
        </button>
      </div>
    </section>
  );
}
