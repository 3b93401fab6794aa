/** Looking at a page as it stands: its picture in each scheme and width, what axe finds, and whether it fits the window. */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect } from '@playwright/test'

const PICTURES = 'test-results/views'
const WIDTHS = { wide: { width: 1440, height: 900 }, narrow: { width: 360, height: 740 } } as const
const SCHEMES = ['light', 'dark'] as const

/** Pictures and checks of the page as it stands, in both schemes and widths. */
export async function look(
  page: Page,
  name: string,
  atWidth?: Partial<Record<keyof typeof WIDTHS, (page: Page) => Promise<void>>>,
): Promise<void> {
  for (const [width, viewport] of Object.entries(WIDTHS) as [
    keyof typeof WIDTHS,
    { width: number; height: number },
  ][]) {
    await page.setViewportSize(viewport)
    await atWidth?.[width]?.(page)
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.screenshot({ path: `${PICTURES}/${name}-${viewport.width}-${colorScheme}.png` })
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze()
      const found = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
      )
      expect(found, `${name}, ${viewport.width}, ${colorScheme}`).toEqual([])
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(overflow, `${name} scrolls sideways at ${viewport.width}`).toBeLessThanOrEqual(0)
  }
  await page.setViewportSize(WIDTHS.wide)
}
