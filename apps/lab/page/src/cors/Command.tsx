/** A command for a shell, with a button to copy it. */
import { CopyButton } from './CopyButton.tsx';
import './Command.css';

export function Command({ text }: { text: string }) {
  return (
    <div className="command">
      <pre className="code-block" translate="no">
        <code>{text}</code>
      </pre>
      <CopyButton label="Copy command" text={() => text} />
    </div>
  );
}
