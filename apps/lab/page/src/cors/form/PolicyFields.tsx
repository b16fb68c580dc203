/** The fields of the target's policy, by the response that they belong to. */
import { useId } from 'react';
import type { AllowOrigin, Policy } from '../../../../cors/policy.ts';
import type { Difference } from '../differences-from-right.ts';
import { SWITCH_NAMES, type Switch } from '../switches.ts';
import { valueError } from './errors.ts';
import { Checkbox, CheckboxField, FieldGroup, FieldRow, Select, SelectField, TextInput } from './fields.tsx';

/** A header's value after it is switched on. */
const INITIAL_VALUES = {
  allowCredentials: 'true',
  vary: 'Origin',
  allowMethods: 'POST',
  allowHeaders: 'Content-Type',
  maxAge: '7200',
  exposeHeaders: 'X-Lab-Run',
  timingAllowOrigin: '*',
};

const RULES: readonly (readonly [AllowOrigin['rule'], string])[] = [
  ['none', 'not sent'],
  ['exact', 'the request’s Origin if it is'],
  ['fixed', 'always'],
  ['reflect', 'any request’s Origin'],
  ['prefix', 'the request’s Origin if it starts with'],
  ['suffix', 'the request’s Origin if it ends with'],
];

const HAS_POLICY = 'Has the policy’s headers';

const PREFLIGHT_STATUSES = [
  [200, '200 OK'],
  [204, '204 No Content'],
  [301, '301 Moved Permanently'],
  [401, '401 Unauthorized'],
  [404, '404 Not Found'],
  [500, '500 Internal Server Error'],
] as const;

const RESPONSE_STATUSES = [
  [200, '200 OK'],
  [401, '401 Unauthorized'],
  [500, '500 Internal Server Error'],
] as const;

interface Props {
  policy: Policy;
  /** The initial value of a rule that needs one. */
  origin: string;
  differences: ReadonlyMap<Switch, Difference>;
  onChange: (policy: Policy) => void;
}

export function PolicyFields({ policy, origin, differences, onChange }: Props) {
  const { allowOrigin, preflight, response, hasSharedCache } = policy;
  const change = (changed: Partial<Policy>) => onChange({ ...policy, ...changed });
  const header = (name: keyof typeof INITIAL_VALUES) => (
    <OptionalHeader
      name={SWITCH_NAMES[name]}
      initial={INITIAL_VALUES[name]}
      value={policy[name]}
      difference={differences.get(name)}
      onChange={(value) => change({ [name]: value })}
    />
  );

  return (
    <fieldset className="fields">
      <legend>The server’s policy</legend>
      <FieldGroup title="In both responses" isWide>
        <AllowOriginField
          allowOrigin={allowOrigin}
          origin={origin}
          difference={differences.get('allowOrigin')}
          onChange={(allowOrigin) => change({ allowOrigin })}
        />
        {header('allowCredentials')}
        {header('vary')}
      </FieldGroup>
      <FieldGroup title="In the response to a preflight">
        <SelectField
          label="Status"
          value={preflight.status}
          options={PREFLIGHT_STATUSES}
          difference={differences.get('preflight.status')}
          onChange={(status) => change({ preflight: { ...preflight, status } })}
        />
        <CheckboxField
          label={HAS_POLICY}
          checked={preflight.hasPolicy}
          difference={differences.get('preflight.hasPolicy')}
          onChange={(hasPolicy) => change({ preflight: { ...preflight, hasPolicy } })}
        />
        {header('allowMethods')}
        {header('allowHeaders')}
        {header('maxAge')}
      </FieldGroup>
      <FieldGroup title="In the response to the request">
        <SelectField
          label="Status"
          value={response.status}
          options={RESPONSE_STATUSES}
          difference={differences.get('response.status')}
          onChange={(status) => change({ response: { ...response, status } })}
        />
        <CheckboxField
          label={HAS_POLICY}
          checked={response.hasPolicy}
          difference={differences.get('response.hasPolicy')}
          onChange={(hasPolicy) => change({ response: { ...response, hasPolicy } })}
        />
        {header('exposeHeaders')}
        {header('timingAllowOrigin')}
        <CheckboxField
          label="A shared cache is in front of the server"
          checked={hasSharedCache}
          difference={differences.get('hasSharedCache')}
          onChange={(hasSharedCache) => change({ hasSharedCache })}
        />
      </FieldGroup>
    </fieldset>
  );
}

interface AllowOriginProps {
  allowOrigin: AllowOrigin;
  origin: string;
  difference: Difference | undefined;
  onChange: (allowOrigin: AllowOrigin) => void;
}

function AllowOriginField({ allowOrigin, origin, difference, onChange }: AllowOriginProps) {
  const id = useId();
  const value = 'value' in allowOrigin ? allowOrigin.value : origin;
  const choose = (rule: AllowOrigin['rule']) =>
    onChange(rule === 'none' || rule === 'reflect' ? { rule } : { rule, value });

  return (
    <FieldRow label={<code>Access-Control-Allow-Origin</code>} controlId={id} difference={difference}>
      <Select id={id} value={allowOrigin.rule} options={RULES} onChange={choose} />
      {'value' in allowOrigin && (
        <TextInput
          label="Value of Access-Control-Allow-Origin"
          value={allowOrigin.value}
          maxLength={200}
          error={valueError(allowOrigin.value)}
          onChange={(value) => onChange({ ...allowOrigin, value })}
        />
      )}
    </FieldRow>
  );
}

interface OptionalHeaderProps {
  name: string;
  initial: string;
  /** Null if the header isn't sent. */
  value: string | null;
  difference: Difference | undefined;
  onChange: (value: string | null) => void;
}

function OptionalHeader({ name, initial, value, difference, onChange }: OptionalHeaderProps) {
  return (
    <FieldRow
      label={
        <Checkbox
          label={<code translate="no">{name}</code>}
          checked={value !== null}
          onChange={(isPresent) => onChange(isPresent ? initial : null)}
        />
      }
      difference={difference}
    >
      {value === null ? (
        <span className="field-row-absent">not sent</span>
      ) : (
        <TextInput
          label={`Value of ${name}`}
          value={value}
          maxLength={200}
          error={valueError(value)}
          onChange={onChange}
        />
      )}
    </FieldRow>
  );
}
