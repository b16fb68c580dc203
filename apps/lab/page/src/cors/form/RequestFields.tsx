/** The arguments of the page's `fetch()`. */
import { useId } from 'react';
import type { ExperimentRequest, TargetOrigins } from '../../../../cors/experiment-request.ts';
import type { Difference } from '../differences-from-right.ts';
import type { Switch } from '../switches.ts';
import { tokenError, valueError } from './errors.ts';
import { Checkbox, FieldGroup, FieldRow, SelectField, TextInput } from './fields.tsx';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const MAX_HEADERS = 8;

interface Props {
  request: ExperimentRequest;
  origins: TargetOrigins;
  differences: ReadonlyMap<Switch, Difference>;
  onChange: (request: ExperimentRequest) => void;
}

export function RequestFields({ request, origins, differences, onChange }: Props) {
  const { target, method, mode, credentials, body } = request;
  const id = useId();
  const change = (changed: Partial<ExperimentRequest>) => onChange({ ...request, ...changed });

  return (
    <fieldset className="fields">
      <legend>This page’s request</legend>
      <FieldGroup title={null}>
        <SelectField
          label="Sent to"
          value={target}
          options={[
            ['same-origin', 'this page’s own origin'],
            ['same-site', 'another origin, same site'],
            ['cross-site', 'another site'],
          ]}
          difference={differences.get('target')}
          onChange={(target) => change({ target })}
        >
          <span className="field-row-note" translate="no">
            {origins[target]}
          </span>
        </SelectField>
        <FieldRow label="Method" controlId={`${id}-method`} difference={differences.get('method')}>
          <TextInput
            id={`${id}-method`}
            value={method}
            list={`${id}-methods`}
            maxLength={40}
            error={tokenError(method)}
            onChange={(method) => change({ method })}
          />
          <datalist id={`${id}-methods`}>
            {METHODS.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </FieldRow>
        <SelectField
          label="Mode"
          value={mode}
          options={[
            ['cors', 'cors'],
            ['no-cors', 'no-cors'],
            ['same-origin', 'same-origin'],
          ]}
          difference={differences.get('mode')}
          onChange={(mode) => change({ mode })}
        />
        <SelectField
          label="Credentials"
          value={credentials}
          options={[
            ['omit', 'omit: no cookies'],
            ['same-origin', 'same-origin: cookies to this page’s origin only'],
            ['include', 'include: cookies to every origin'],
          ]}
          difference={differences.get('credentials')}
          onChange={(credentials) => change({ credentials })}
        />
      </FieldGroup>
      <FieldGroup title={null}>
        <HeaderFields request={request} difference={differences.get('headers')} change={change} />
        <FieldRow label="Body" difference={differences.get('body')}>
          <Checkbox
            label={body === null ? 'none' : 'this text'}
            checked={body !== null}
            onChange={(hasBody) => change({ body: hasBody ? '{}' : null })}
          />
          {body !== null && (
            <textarea
              aria-label="Text of the body"
              value={body}
              rows={2}
              maxLength={1000}
              translate="no"
              spellCheck={false}
              onChange={(event) => change({ body: event.target.value })}
            />
          )}
        </FieldRow>
      </FieldGroup>
    </fieldset>
  );
}

interface HeaderFieldsProps {
  request: ExperimentRequest;
  difference: Difference | undefined;
  change: (changed: Partial<ExperimentRequest>) => void;
}

function HeaderFields({ request: { headers }, difference, change }: HeaderFieldsProps) {
  const replace = (index: number, ...header: ExperimentRequest['headers']) =>
    change({ headers: headers.toSpliced(index, 1, ...header) });

  return (
    <FieldRow label="Headers" difference={difference}>
      {headers.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: headers have no identity but their position
        <div className="header-fields" key={index}>
          <TextInput
            label={`Name of header ${index + 1}`}
            value={name}
            maxLength={40}
            error={tokenError(name)}
            onChange={(name) => replace(index, [name, value])}
          />
          <TextInput
            label={`Value of header ${index + 1}`}
            value={value}
            maxLength={200}
            error={valueError(value)}
            onChange={(value) => replace(index, [name, value])}
          />
          <button type="button" className="button" onClick={() => replace(index)}>
            Remove<span className="for-screen-readers"> header {index + 1}</span>
          </button>
        </div>
      ))}
      {headers.length < MAX_HEADERS && (
        <button
          type="button"
          className="button"
          onClick={() => change({ headers: [...headers, ['X-Example', '1']] })}
        >
          Add a header
        </button>
      )}
    </FieldRow>
  );
}
