/** A token of a message: its decoded content, and whether its signature is valid. */
import type { ReportedToken } from '../../../../exchange/exchange.ts';
import { describeMembers, signatureTexts } from '../token-claims.ts';
import { ExplainedList } from './ExplainedList.tsx';
import './Token.css';

export function Token({ token }: { token: ReportedToken }) {
  const { member, header, claims, signature } = token;

  return (
    <div className="token box stack">
      <h4>
        <code translate="no">{member}</code>, decoded
      </h4>
      <p className="token-signature" data-signature={signature}>
        {signatureTexts[signature]}
      </p>
      <h5 className="label">JOSE header</h5>
      <ExplainedList items={describeMembers(header)} />
      <h5 className="label">Claims</h5>
      <ExplainedList items={describeMembers(claims)} />
    </div>
  );
}
