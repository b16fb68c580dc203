/** A button that copies a text, and says whether it did. */
import { useState } from 'react';

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [result, setResult] = useState('');

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setResult('Copied.');
    } catch {
      setResult('This browser doesn’t allow copying from here. Select the text, and copy it yourself.');
    }
  }

  return (
    <span className="copy">
      <button type="button" className="button" onClick={() => void copy()}>
        <span>Copy</span>
        <span className="for-screen-readers"> {what}</span>
      </button>
      <span className="copy-result" role="status">
        {result}
      </span>
    </span>
  );
}
