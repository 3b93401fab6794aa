'use client'
// How work leaves: three ways, each with what it means.

import type { SyncMode } from '@skein/protocol'
import { useId } from 'react'
import { modeChoices } from '../sync/sync-words.ts'

export function ModeField({ mode, onChange }: { mode: SyncMode; onChange: (mode: SyncMode) => void }) {
  const name = useId()
  return (
    <fieldset className="modes">
      <legend className="strong">How work leaves</legend>
      {modeChoices.map(({ value, label, meaning }) => (
        <label key={value} className="check">
          <input type="radio" name={name} checked={value === mode} onChange={() => onChange(value)} />
          <span>
            <span className="strong">{label}</span>
            <span className="faint">{meaning}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
