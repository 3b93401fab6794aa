// Which browser and system a session was made with, as far as its user agent tells. Only for recognising one's own
// devices; nothing depends on it.

const browsers: readonly [RegExp, string][] = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/\b(Headless)?Chrome\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
]

const systems: readonly [RegExp, string][] = [
  [/\biPhone\b/, 'an iPhone'],
  [/\biPad\b/, 'an iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'a Mac'],
  [/\bLinux\b/, 'Linux'],
]

/** "Firefox on Linux"; an unknown program is named by its first word. */
export function userAgentToWords(userAgent: string | null): string {
  if (!userAgent) return 'An unknown device'
  const find = (table: readonly [RegExp, string][]) => table.find(([pattern]) => pattern.test(userAgent))?.[1]
  const browser = find(browsers) ?? userAgent.split(/[\s/]/, 1)[0] ?? 'A browser'
  const system = find(systems)
  return system ? `${browser} on ${system}` : browser
}
