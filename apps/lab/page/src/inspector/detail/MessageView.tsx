/** One message: its first line, headers, body and tokens, and what is hidden in it. */
import type { ReactNode } from 'react';
import type { Field } from '../../../../exchange/exchange.ts';
import { fieldValue, type Message } from '../message-fields.ts';
import { findHeaderNote, isEssentialHeader } from '../notes/header-notes.ts';
import { explainSecrets } from '../secrets.ts';
import { ExplainedList } from './ExplainedList.tsx';
import { Token } from './Token.tsx';
import './MessageView.css';

interface Props {
  title: string;
  startLine: string;
  message: Message;
}

export function MessageView({ title, startLine, message }: Props) {
  const { fields, body, tokens } = message;
  const others = fields.filter(({ name }) => !isEssentialHeader(name));
  const secrets = explainSecrets(message);

  return (
    <section className="message stack">
      <h3>{title}</h3>
      <p className="message-start">
        <code translate="no">{startLine}</code>
      </p>
      <Headers fields={fields.filter(({ name }) => isEssentialHeader(name))} />
      {others.length > 0 && (
        <details className="message-others">
          <summary>{others.length === 1 ? '1 more header' : `${others.length} more headers`}</summary>
          <Headers fields={others} />
        </details>
      )}
      {body && (
        <pre className="code-block" translate="no">
          {formatBody(body, fieldValue(message, 'content-type') ?? '')}
        </pre>
      )}
      {tokens.map((token) => (
        <Token key={token.member} token={token} />
      ))}
      {secrets.length > 0 && (
        <div className="message-secrets">
          <h4>What is hidden</h4>
          {secrets.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
      )}
    </section>
  );
}

function Headers({ fields }: { fields: readonly Field[] }) {
  if (fields.length === 0) return null;
  return <ExplainedList items={fields.map((field) => ({ ...field, note: explainHeader(field) }))} />;
}

function explainHeader(field: Field): ReactNode {
  const note = findHeaderNote(field);
  if (!note) return null;
  const { text, standard, link } = note;
  if (link === null) return `${text} (${standard})`;
  return (
    <>
      {text}{' '}
      <a href={link} target="_blank" rel="noreferrer">
        {standard}
      </a>
    </>
  );
}

/** Indents JSON, and puts each member of a form on a separate line. */
function formatBody(body: string, contentType: string): string {
  if (contentType.includes('x-www-form-urlencoded')) return body.replaceAll('&', '\n&');
  if (!/[/+]json/.test(contentType)) return body;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body; // The reporter cuts a long body, so it may not be valid JSON.
  }
}
