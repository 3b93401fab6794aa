// A labelled control with its hint and, in its place, what is wrong with the value. The words of a fault are read out
// with the control (aria-describedby) and move nothing else on the page than the line they stand on.

import { ChevronDown, CircleAlert } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { Icon } from './icon.tsx'

type FieldWords = {
  label: string
  hint?: ReactNode
  /** What is wrong and what to do; replaces the hint. */
  fault?: string | null | undefined
}

/** What a control inside a `Field` spreads onto itself to be tied to label, hint and fault. */
export type ControlProps = { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean | undefined }

/** Label, control, hint or fault. The child is a function that draws the control. */
export function Field({
  label,
  hint,
  fault,
  children,
}: FieldWords & { children: (control: ControlProps) => ReactNode }) {
  const id = useId()
  const notesId = `${id}-notes`
  const hasNotes = Boolean(fault) || hint !== undefined
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-describedby': hasNotes ? notesId : undefined,
        'aria-invalid': fault ? true : undefined,
      })}
      {fault ? (
        <span className="fault" id={notesId} role="alert">
          <Icon of={CircleAlert} size="sm" />
          {fault}
        </span>
      ) : (
        hint !== undefined && (
          <span className="hint" id={notesId}>
            {hint}
          </span>
        )
      )}
    </div>
  )
}

/** One line of text. `large` is the size of forms that stand alone on a page. */
export function TextField({
  label,
  hint,
  fault,
  large = false,
  className = '',
  ...input
}: FieldWords & { large?: boolean } & ComponentProps<'input'>) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(control) => (
        <input {...input} {...control} className={`input${large ? ' input-lg' : ''} ${className}`.trim()} />
      )}
    </Field>
  )
}

/** A choice from a short list, with the browser's own select; `small` inside rows. Needs a label from outside. */
export function Select({
  small = false,
  className,
  children,
  ...select
}: { small?: boolean } & ComponentProps<'select'>) {
  return (
    <span className={`select${small ? ' select-sm' : ''}${className ? ` ${className}` : ''}`}>
      <select {...select} className="input">
        {children}
      </select>
      <Icon of={ChevronDown} size="sm" />
    </span>
  )
}

/** A labelled choice from a short list. */
export function SelectField({ label, hint, fault, children, ...select }: FieldWords & ComponentProps<'select'>) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(control) => (
        <Select {...select} {...control}>
          {children}
        </Select>
      )}
    </Field>
  )
}
