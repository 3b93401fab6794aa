/**
 * What `/metrics` tells Prometheus. Labels are few and bounded: never an id, a path or a person.
 */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Where a request went; the label of the HTTP metrics. */
export type Door = 'api' | 'git' | 'page' | 'operations'

export interface Metrics {
  observeRequest(door: Door, status: number, seconds: number): void
  /** Counts an open socket; call the result when it closes. */
  countSocket(): () => void
  /** Reads a value whenever metrics are asked for. */
  gauge(name: string, help: string, read: () => number): void
  /** Observes durations in seconds, from a fraction of a millisecond to half a minute. */
  durations(name: string, help: string): (seconds: number) => void
  /** Observes how many things came together, from one to a few thousand. */
  sizes(name: string, help: string): (size: number) => void
  counter(name: string, help: string): (by?: number) => void
  /** Counts by the value of one label, which must come from a short closed list. */
  counterBy(name: string, help: string, label: string): (value: string) => void
  /** The text of `/metrics`, and its content type. */
  render(): Promise<{ type: string; text: string }>
}

const durationBuckets = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const sizeBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096]

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Histogram({
    name: 'skein_http_request_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['door', 'status'],
    buckets: durationBuckets,
    registers,
  })
  const sockets = new Gauge({ name: 'skein_sockets', help: 'Open collaboration sockets', registers })
  return {
    observeRequest: (door, status, seconds) =>
      requests.observe({ door, status: `${Math.floor(status / 100)}xx` }, seconds),
    countSocket: () => {
      sockets.inc()
      return () => sockets.dec()
    },
    gauge: (name, help, read) => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read())
        },
      })
    },
    durations: (name, help) => {
      const histogram = new Histogram({ name, help, buckets: durationBuckets, registers })
      return (seconds) => histogram.observe(seconds)
    },
    sizes: (name, help) => {
      const histogram = new Histogram({ name, help, buckets: sizeBuckets, registers })
      return (size) => histogram.observe(size)
    },
    counterBy: (name, help, label) => {
      const counter = new Counter({ name, help, labelNames: [label], registers })
      return (value) => counter.inc({ [label]: value })
    },
    counter: (name, help) => {
      const counter = new Counter({ name, help, registers })
      return (by) => counter.inc(by)
    },
    render: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  }
}
