/** What the stand-in remembers of webhooks: every delivery, those held back, and the weather on the way. */

export interface Delivery {
  id: number
  guid: string
  deliveredAt: number
  redelivery: boolean
  durationSeconds: number
  status: string
  statusCode: number
  event: string
  action: string | null
  installationId: number | null
  repositoryId: number | null
  request: { url: string; headers: Record<string, string>; body: string }
  response: { headers: Record<string, string>; body: string }
}

export interface HookWeather {
  /** `failed`: it does not arrive and the list of deliveries says so. `untold`: GitHub believes that it arrived. */
  lose: 'no' | 'failed' | 'untold'
  /** How often the same delivery is sent. */
  copies: number
  delayMs: number
  /** So many are gathered and then sent in reverse order; 0: each at once. */
  reorder: number
  /** Gathered until a test releases them. */
  hold: boolean
  /** Only the ids, without what happened. */
  thin: boolean
}

export const calmWeather: HookWeather = {
  lose: 'no',
  copies: 1,
  delayMs: 0,
  reorder: 0,
  hold: false,
  thin: false,
}

export interface Hooks {
  weather: HookWeather
  deliveries: Delivery[]
  held: Delivery[]
  /** Deliveries on their way. */
  underWay: number
  /** The end of what is being sent. */
  lane: Promise<void>
}

export function createHooks(): Hooks {
  return { weather: { ...calmWeather }, deliveries: [], held: [], underWay: 0, lane: Promise.resolve() }
}
