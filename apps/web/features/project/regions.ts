// The regions of the page, in the order in which F6 walks through them. A region is any element with `data-region`.

const focusable = 'button:not(:disabled), a[href], input, [contenteditable="true"], [tabindex="0"]'

function isShown(element: Element): boolean {
  return element instanceof HTMLElement && element.offsetParent !== null
}

/** Puts the focus into the next region (1) or the previous one (-1). */
export function moveToRegion(by: 1 | -1): void {
  const regions = [...document.querySelectorAll('[data-region]')].filter(isShown)
  if (regions.length === 0) return
  const here = regions.findIndex((region) => region.contains(document.activeElement))
  const next = regions[(here + by + regions.length) % regions.length]
  const text = next?.querySelector('[contenteditable="true"]')
  const target = text ?? [...(next?.querySelectorAll(focusable) ?? [])].find(isShown)
  if (target instanceof HTMLElement) target.focus()
}
