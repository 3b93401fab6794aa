'use client'
// The panel of first steps beside the welcome text. Each step marks itself when it happens; the panel can be skipped and
// then stays away on this device.

import { Check, X } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { listSteps, type StepId } from './first-run-model.ts'

export function FirstSteps({
  done,
  isOver,
  isOpen,
  onClose,
  onSkip,
}: {
  done: ReadonlySet<StepId>
  /** The panel lies over the sheet and comes when it is asked for. */
  isOver: boolean
  isOpen: boolean
  onClose: () => void
  onSkip: () => void
}) {
  const steps = listSteps(done)
  const current = steps.find(({ isDone }) => !isDone)?.id
  return (
    <aside className="panel sheet" aria-label="First steps" data-open={isOpen}>
      <header className="bar">
        <strong className="strong grow">First steps</strong>
        <Button kind="quiet" size="sm" onClick={onSkip}>
          {current === undefined ? 'Close' : 'Skip'}
        </Button>
        {isOver && (
          <Button kind="quiet" size="sm" square aria-label="Close" onClick={onClose}>
            <Icon of={X} />
          </Button>
        )}
      </header>
      <ol className="steps-list">
        {steps.map(({ id, title, words, isDone }, index) => (
          <li key={id} className="step" aria-current={id === current ? 'step' : undefined}>
            <span className="mark">{isDone ? <Icon of={Check} size="sm" /> : index + 1}</span>
            <div className="grow">
              <b className="strong">{title}</b>
              {isDone ? <span className="sr-only">, done</span> : words && <p className="quiet">{words}</p>}
            </div>
          </li>
        ))}
      </ol>
      <span className="grow" />
      <p className="keep faint xs">
        This project is yours. Keep it, rename it, or delete it from the list of projects.
      </p>
    </aside>
  )
}
