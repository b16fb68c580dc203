/** A button that copies a text, and says whether that worked. */
import { useState } from 'react';
import './CopyButton.css';

interface Props {
  label: string;
  text: () => string;
}

export function CopyButton({ label, text }: Props) {
  const [message, setMessage] = useState('');

  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
      setMessage('Copied.');
    } catch {
      setMessage('This browser doesn’t let the page copy.');
    }
  }

  return (
    <span className="copy">
      <button type="button" className="button button-small" onClick={copy}>
        {label}
      </button>
      <span role="status">{message}</span>
    </span>
  );
}
