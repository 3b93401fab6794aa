/** Stories in a real browser against the whole product, which each worker boots as a process of its own (see world/product.ts). */
import { defineConfig } from '@playwright/test'
import { CHROMIUM_ARGUMENTS, chromiumPath } from './chromium.ts'

const executablePath = await chromiumPath()

export default defineConfig({
  testDir: 'stories',
  outputDir: 'test-results',
  workers: 1,
  // The product boots within the first test of a worker; stories restart it.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['json', { outputFile: 'test-results/report.json' }]],
  use: {
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    permissions: ['clipboard-read', 'clipboard-write'],
    launchOptions: { args: CHROMIUM_ARGUMENTS, ...(executablePath ? { executablePath } : {}) },
  },
})
