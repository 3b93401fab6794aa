import { expect, test } from 'vitest'
import { userAgentToWords } from './user-agent.ts'

test('common browsers and systems are named, others by their first word', () => {
  const words = [
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36 Edg/150.0',
    'curl/8.9',
    '',
  ].map(userAgentToWords)
  expect(words).toEqual(['Firefox on Linux', 'Safari on an iPhone', 'Edge on Windows', 'curl', 'An unknown device'])
})
