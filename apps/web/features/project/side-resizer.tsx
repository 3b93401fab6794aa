'use client'
// The edge between side and sheet: dragged, or moved with the arrow keys while it has the focus. The width stays on this
// device.

import { type KeyboardEvent, type PointerEvent, useEffect, useState } from 'react'

const widthMin = 200
const widthMax = 400
const widthDefault = 248
const step = 16
const storageKey = 'skein-side-width'

const clamp = (width: number): number => Math.min(widthMax, Math.max(widthMin, Math.round(width)))

function readWidth(): number {
  try {
    const kept = Number(localStorage.getItem(storageKey))
    return kept > 0 ? clamp(kept) : widthDefault
  } catch {
    return widthDefault
  }
}

export function SideResizer() {
  const [width, setWidth] = useState(readWidth)

  useEffect(() => {
    document.documentElement.style.setProperty('--size-tree', `${width}px`)
    try {
      localStorage.setItem(storageKey, String(width))
    } catch {
      // A browser that keeps nothing starts with the usual width.
    }
    return () => {
      document.documentElement.style.removeProperty('--size-tree')
    }
  }, [width])

  const onPointerDown = (event: PointerEvent<HTMLElement>): void => {
    event.preventDefault()
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) setWidth(clamp(event.clientX))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowLeft') setWidth((before) => clamp(before - step))
    else if (event.key === 'ArrowRight') setWidth((before) => clamp(before + step))
    else if (event.key === 'Home') setWidth(widthMin)
    else if (event.key === 'End') setWidth(widthMax)
    else return
    event.preventDefault()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a line that can be moved is no <hr>
    <div
      className="side-resizer only-wide"
      role="separator"
      tabIndex={0}
      aria-label="Width of the side"
      aria-orientation="vertical"
      aria-valuemin={widthMin}
      aria-valuemax={widthMax}
      aria-valuenow={width}
      title="Drag, or use the arrow keys; double click for the usual width"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onDoubleClick={() => setWidth(widthDefault)}
      onKeyDown={onKeyDown}
    />
  )
}
