/** The fields of the form: each is one switch of the request or of the policy. */
import { type ReactNode, useId } from 'react';
import type { Difference } from '../differences-from-right.ts';
import './fields.css';

interface GroupProps {
  /** Null where the fieldset's legend is enough. */
  title: string | null;
  /** Whether it takes the whole width of the fieldset. */
  isWide?: boolean;
  children: ReactNode;
}

/** Related rows. Two groups are side by side if there is room. */
export function FieldGroup({ title, isWide = false, children }: GroupProps) {
  return (
    <div className="field-group" data-wide={isWide}>
      {title !== null && <h4>{title}</h4>}
      {children}
    </div>
  );
}

interface RowProps {
  /** Null if the control has one. */
  label: ReactNode;
  /** The id of the control that the label belongs to; undefined if the row has several. */
  controlId?: string;
  /** Undefined if the switch has the right value. */
  difference: Difference | undefined;
  children: ReactNode;
}

/** One row of the form, marked if its switch is wrong or differs from the right policy. */
export function FieldRow({ label, controlId, difference, children }: RowProps) {
  return (
    <div
      className="field-row"
      data-short={typeof label === 'string'}
      data-differs={difference !== undefined}
      data-mistake={difference?.isMistake}
    >
      {label === null ? null : controlId === undefined ? (
        <span className="field-row-label">{label}</span>
      ) : (
        <label className="field-row-label" htmlFor={controlId}>
          {label}
        </label>
      )}
      <div className="field-row-control">{children}</div>
      {difference && (
        <p className="field-row-right">
          {difference.isMistake && <b>Wrong here.</b>}{' '}
          {difference.isMistake ? 'Right:' : 'In the right policy:'}{' '}
          <code translate="no">{difference.right}</code>
        </p>
      )}
    </div>
  );
}

interface SelectProps<Value extends string | number> {
  label: string;
  value: Value;
  /** The values with their texts. */
  options: readonly (readonly [value: Value, text: string])[];
  difference?: Difference | undefined;
  onChange: (value: Value) => void;
  children?: ReactNode;
}

export function SelectField<Value extends string | number>(props: SelectProps<Value>) {
  const { label, difference, children, ...select } = props;
  const id = useId();
  return (
    <FieldRow label={label} controlId={id} difference={difference}>
      <Select id={id} {...select} />
      {children}
    </FieldRow>
  );
}

type SelectOnlyProps<Value extends string | number> = Pick<
  SelectProps<Value>,
  'value' | 'options' | 'onChange'
> & { id?: string; label?: string };

export function Select<Value extends string | number>(props: SelectOnlyProps<Value>) {
  const { id, label, value, options, onChange } = props;
  const choose = (text: string) => {
    const chosen = options.find(([option]) => String(option) === text);
    if (chosen) onChange(chosen[0]);
  };
  return (
    <select id={id} aria-label={label} value={value} onChange={(event) => choose(event.target.value)}>
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}

interface TextProps {
  id?: string;
  /** For a field without a visible label of its own. */
  label?: string;
  value: string;
  error?: string | null;
  list?: string;
  maxLength: number;
  onChange: (value: string) => void;
}

/** A text field for protocol values, which browsers must not correct or complete. */
export function TextInput({ id, label, value, error = null, list, maxLength, onChange }: TextProps) {
  const errorId = useId();
  return (
    <>
      <input
        id={id}
        aria-label={label}
        value={value}
        list={list}
        maxLength={maxLength}
        translate="no"
        spellCheck={false}
        autoCapitalize="none"
        autoCorrect="off"
        autoComplete="off"
        aria-invalid={error !== null}
        aria-describedby={error === null ? undefined : errorId}
        onChange={(event) => onChange(event.target.value)}
      />
      {error !== null && (
        <span className="field-row-error" id={errorId}>
          {error}
        </span>
      )}
    </>
  );
}

interface CheckboxProps {
  label: ReactNode;
  checked: boolean;
  difference?: Difference | undefined;
  onChange: (checked: boolean) => void;
}

export function CheckboxField({ label, checked, difference, onChange }: CheckboxProps) {
  return (
    <FieldRow label={null} difference={difference}>
      <Checkbox label={label} checked={checked} onChange={onChange} />
    </FieldRow>
  );
}

export function Checkbox({ label, checked, onChange }: Omit<CheckboxProps, 'difference'>) {
  return (
    <label className="checkbox">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}
