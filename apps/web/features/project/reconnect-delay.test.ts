import { describe, expect, test } from 'vitest'
import { reconnectDelay } from './reconnect-delay.ts'

describe('the wait before reconnecting', () => {
  test('is soon at first and grows to eight seconds', () => {
    expect(reconnectDelay(0, 0)).toBe(400)
    expect(reconnectDelay(0, 0.999)).toBeLessThan(801)
    expect(reconnectDelay(3, 0)).toBeGreaterThan(2_000)
    expect(reconnectDelay(50, 0.999)).toBeLessThanOrEqual(8_000)
  })

  test('is spread: half of it is chance', () => {
    expect(reconnectDelay(10, 0.99) - reconnectDelay(10, 0)).toBeGreaterThan(3_900)
  })
})
